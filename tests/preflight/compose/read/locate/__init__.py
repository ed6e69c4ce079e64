"""preflight/compose/read/locate.py"""
