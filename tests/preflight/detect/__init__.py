"""Tests of preflight/detect/."""
