"""preflight/registry/, against a fake GHCR and a real registry."""
