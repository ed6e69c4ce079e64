"""Tests of preflight/compose/read/."""
