"""Receipts: what was let through, so that later somebody can compare what runs with what was approved."""
