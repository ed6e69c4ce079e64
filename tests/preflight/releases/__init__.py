"""Tests of preflight/releases/."""
