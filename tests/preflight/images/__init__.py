"""Tests of preflight/images/."""
