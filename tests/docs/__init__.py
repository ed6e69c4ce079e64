"""Tests of docs/: what makes the documentation, and what stands in it."""
