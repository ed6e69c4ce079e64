"""The door to git: the only room that calls it."""
