"""How messages call the kind of server that is asked, and what they tell the operator to check."""

from preflight.lib.records import frozen


@frozen
class Server:
    """One kind of server: a registry, GitHub's API, Coolify's API.

    Args:
        check: What to check about its address, e.g. "the registry's name in the pin".
        name: Stands before each message, e.g. "GitHub's API"; empty where the host says enough.
        trust: What to do about a certificate of an authority that is not trusted.
        plain_http: What to do about a server that does not speak TLS.
    """

    check: str
    name: str = ""
    trust: str = "Name your authority's certificates in SSL_CERT_FILE, or correct the certificate or the clock."
    plain_http: str = "Use an address and port that speak TLS."
