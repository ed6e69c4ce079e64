"""Tests of preflight/run/reporters/."""
