"""preflight/hook/gate.py"""
