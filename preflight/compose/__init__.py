"""Docker Compose: `ask` the real binary, `read` its files for places, and see what would `shadow` a pin."""
