"""Tests of preflight/http/."""
