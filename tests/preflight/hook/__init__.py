"""Mirrors preflight/hook/."""
