"""What Coolify's mode, files, variables and clean-up do to a pin, and what fixes it."""
