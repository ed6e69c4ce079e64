"""Small typed stand-ins for what a test must not or cannot have for real."""
