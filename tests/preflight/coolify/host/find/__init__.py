"""preflight/coolify/host/find.py"""
