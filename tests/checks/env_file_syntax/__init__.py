"""checks/env_file_syntax.py"""
