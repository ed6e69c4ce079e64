"""preflight/registry/client.py"""
