"""checks/image_provenance.py"""
