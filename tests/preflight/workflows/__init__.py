"""Tests of preflight/workflows/."""
