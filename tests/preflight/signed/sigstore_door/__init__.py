"""preflight/signed/sigstore_door.py"""
