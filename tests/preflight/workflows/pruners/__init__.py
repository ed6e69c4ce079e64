"""Tests of preflight/workflows/pruners/."""
