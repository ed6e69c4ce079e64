"""The name of the variable that `preflight sentinel` puts on top of a pin file."""

SENTINEL = "PREFLIGHT_SENTINEL"
