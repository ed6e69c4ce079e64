"""Releases: their names, which are expected, which a registry has, which one is pinned."""
