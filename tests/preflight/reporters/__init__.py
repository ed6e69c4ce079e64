"""Tests of preflight/reporters/."""
