"""checks/pin_file.py"""
