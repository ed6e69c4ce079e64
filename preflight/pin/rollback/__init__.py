"""``preflight pin rollback``: which release a pin goes back to, whether it can, and what remains to be done."""
