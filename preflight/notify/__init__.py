"""Who is told of a run: pings, webhooks, mail and other services."""
