"""Mirrors preflight/install/."""
