"""Tests of preflight/pins/."""
