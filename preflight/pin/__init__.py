"""`preflight pin`: the life of a pin."""
