"""What Coolify left on this host: its resources, folders and deployed files."""
