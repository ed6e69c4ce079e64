"""checks/pin_freshness.py"""
