"""The door to container registries (OCI distribution specification 1.1)."""
