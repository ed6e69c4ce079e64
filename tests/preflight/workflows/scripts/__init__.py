"""Tests of preflight/workflows/scripts/."""
