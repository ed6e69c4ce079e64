"""Tests of preflight.compose."""
