"""Tests of preflight/coolify/host/."""
