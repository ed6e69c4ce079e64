"""Tests of preflight/running/."""
