"""What the HTML page shows, worked out before the template writes it; the template and its style sheet."""
