"""checks/image_pullable.py"""
