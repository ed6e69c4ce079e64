"""Tell other systems how a run went: a ping, a webhook, a mail, or any service that Apprise knows."""
