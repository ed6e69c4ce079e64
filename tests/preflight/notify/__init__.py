"""Mirrors preflight/notify/."""
