"""Mirrors preflight/receipts/."""
