"""Whole runs of the tool against what Coolify deployed."""
