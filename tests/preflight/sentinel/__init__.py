"""Tests of preflight/sentinel/."""
