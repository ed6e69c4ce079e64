"""preflight/run/reporters/html"""
