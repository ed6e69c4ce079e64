"""Tests of preflight/pin/rollback/."""
