"""Tests of what stands in ``docker/``."""
