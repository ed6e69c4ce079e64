"""preflight/sentinel/flow.py and verify.py"""
