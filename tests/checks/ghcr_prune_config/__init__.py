"""checks/ghcr_prune_config.py"""
