"""Coolify: its `api`, what it left on the `host`, and the `judge` of what it does to a pin."""
