"""What earlier runs found: recorded, compared, listed."""
