"""Asks the real Compose binary; its answers decide every verdict."""
