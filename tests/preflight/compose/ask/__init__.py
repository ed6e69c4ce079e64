"""Tests of preflight/compose/ask/."""
