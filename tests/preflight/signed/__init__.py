"""Tests of preflight/signed."""
