"""What judges a change where it is written: the action and the hook for pre-commit."""
