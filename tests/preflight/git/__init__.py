"""Tests of preflight/git/."""
