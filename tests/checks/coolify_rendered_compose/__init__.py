"""checks/coolify_rendered_compose.py"""
