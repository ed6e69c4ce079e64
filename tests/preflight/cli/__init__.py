"""Tests of preflight/cli/."""
