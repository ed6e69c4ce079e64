"""The job that runs preflight every few minutes: a cron.d line, or a systemd service and timer."""
