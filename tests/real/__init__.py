"""Real things for tests: Compose binaries, an engine, a registry, git. Thin wrappers over ``docker/provision``."""
