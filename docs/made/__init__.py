"""What makes each part of the documentation; one kind of part a file."""
