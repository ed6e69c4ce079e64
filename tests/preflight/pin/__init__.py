"""Tests of preflight/pin/."""
