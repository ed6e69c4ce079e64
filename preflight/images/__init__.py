"""What it takes to pull an image on this host."""
