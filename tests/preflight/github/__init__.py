"""Tests of preflight/github/."""
