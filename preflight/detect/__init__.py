"""Finds the project and its pins where nobody names them."""
