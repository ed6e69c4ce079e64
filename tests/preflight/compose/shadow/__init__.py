"""Tests of preflight/compose/shadow/."""
