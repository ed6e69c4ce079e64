"""Tests of preflight/config/."""
