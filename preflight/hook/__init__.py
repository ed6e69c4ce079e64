"""Coolify's pre-deployment command: judge what is about to be deployed, together with this host, in one line."""
