"""Tests; the folders mirror the ones they test."""
