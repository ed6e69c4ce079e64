"""Coolify's HTTP API, version 1."""
