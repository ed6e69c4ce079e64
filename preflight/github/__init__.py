"""The door to GitHub's REST API."""
