"""preflight/engine/door.py"""
