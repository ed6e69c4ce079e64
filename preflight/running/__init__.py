"""What the containers of a service carry, and whose they are."""
