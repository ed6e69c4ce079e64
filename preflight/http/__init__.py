"""One HTTP client for all doors: proxies, TLS, retries and errors."""
