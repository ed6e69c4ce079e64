"""checks/coolify_image_cleanup.py"""
