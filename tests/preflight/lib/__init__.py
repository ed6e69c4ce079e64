"""Tests of preflight/lib/."""
