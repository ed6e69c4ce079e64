"""Tests of preflight/coolify/api/."""
