"""Tests of preflight/envfile."""
