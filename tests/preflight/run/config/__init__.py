"""Tests of preflight/run/config/."""
