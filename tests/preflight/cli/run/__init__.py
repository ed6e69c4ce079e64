"""preflight/cli/run.py"""
