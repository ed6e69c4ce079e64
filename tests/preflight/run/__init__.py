"""Tests of preflight/run/."""
