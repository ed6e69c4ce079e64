"""checks/image_signature.py"""
