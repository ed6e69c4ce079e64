"""What overrides a pin: the question asked of Compose, the search, and its answer as values."""
