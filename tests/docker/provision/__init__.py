"""Tests of the package ``provision``."""
