"""Tests of preflight/engine/."""
