"""The compose project: what its files say, and what Compose makes of them."""
