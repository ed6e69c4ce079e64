"""checks/coolify_ui_shadowing.py"""
