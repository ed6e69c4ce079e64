"""What scripts of workflows do: delete versions of packages, or run something that is not in view."""
