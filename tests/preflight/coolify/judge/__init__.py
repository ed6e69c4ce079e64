"""Tests of preflight/coolify/judge/."""
