"""checks/coolify_mode.py"""
