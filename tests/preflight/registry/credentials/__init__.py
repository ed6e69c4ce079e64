"""preflight/registry/credentials.py"""
