"""Tests of preflight/pin/update/."""
