"""The Docker engine: which one, what it runs, what images it has. The only room that knows the SDK."""
