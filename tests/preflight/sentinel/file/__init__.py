"""preflight/sentinel/file.py"""
