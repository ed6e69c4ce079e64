"""Pins: found, read, and followed through the history of their file."""
