"""Install the health job on a host: a cron file, lines of a crontab, or a systemd service and timer."""
