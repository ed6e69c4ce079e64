"""preflight/coolify/api/client.py"""
