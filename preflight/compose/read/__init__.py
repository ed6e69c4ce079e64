"""Reads compose files as Compose does, to say in which file and line something stands."""
