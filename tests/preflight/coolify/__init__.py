"""Tests of preflight/coolify/."""
