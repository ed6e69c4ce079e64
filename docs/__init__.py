"""Documentation that is made from the code, and what makes it (``python -m docs``)."""
