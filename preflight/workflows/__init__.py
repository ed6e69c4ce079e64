"""GitHub Actions workflows, read without running them: which steps can delete versions of a container package."""
