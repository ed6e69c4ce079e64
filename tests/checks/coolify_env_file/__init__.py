"""checks/coolify_env_file.py"""
