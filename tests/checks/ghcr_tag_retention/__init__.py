"""checks/ghcr_tag_retention.py"""
