"""A real rollout, and what an operator meets: a real engine, registry, git and Compose, and preflight as a process."""
