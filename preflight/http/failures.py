"""Why no answer came, in our own words: the texts of HTTP libraries quote what was sent, and are not shown."""

from preflight.http.errors import HttpError, ProxyFailed, TimedOut, TlsFailed
from preflight.lib.text import printable


def is_not_http(error: BaseException) -> bool:
    """Whether the other side sent something, but no HTTP; `RemoteDisconnected` is a plain hang-up."""
    from http.client import BadStatusLine, HTTPException, IncompleteRead, RemoteDisconnected

    causes = [error.__cause__, error.__context__, *error.args]
    return any(
        isinstance(cause, HTTPException)
        and (isinstance(cause, BadStatusLine) or not isinstance(cause, IncompleteRead))
        and not isinstance(cause, RemoteDisconnected)
        for cause in causes
    )


def reason(error: BaseException | None) -> str:
    """Return the operating system's words for an error; other texts may quote what was sent."""
    if isinstance(error, OSError) and error.errno is not None and error.strerror:
        return error.strerror.lower()
    return "no connection" if isinstance(error, OSError) else "its name or address is not usable"


def timed_out(host: str) -> TimedOut:
    """Return the error for an answer that did not come in time."""
    return TimedOut(
        f"{host} did not answer in time",
        "Try again; check the network, or give the run more time with --timeout.",
    )


def tls_failed(error: BaseException, host: str) -> HttpError:
    """Return the error for a TLS handshake that failed, with the reason where it is known."""
    import ssl

    cause = next((arg for arg in (error.__cause__, *error.args) if isinstance(arg, ssl.SSLError)), None)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return TlsFailed(
            f"the certificate of {host} is not trusted: {printable(cause.verify_message, 120)}",
            "Name your authority's bundle in SSL_CERT_FILE, or mend the certificate or the clock.",
        )
    if cause is not None and cause.reason in {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"}:
        return TlsFailed(
            f"{host} answers, but not with TLS: it seems to speak plain HTTP",
            f"If that is meant, allow it with --registry-insecure {host}.",
        )
    return TlsFailed(
        f"the TLS handshake with {host} failed",
        f"Check the name and port; if it speaks plain HTTP on purpose: --registry-insecure {host}.",
    )


def proxy_failed(error: BaseException) -> ProxyFailed:
    """Return the error for a proxy that cannot be reached or refuses."""
    cause = next((arg for arg in error.args if isinstance(arg, BaseException)), None)
    if isinstance(cause, OSError) and "407" in str(cause):
        return ProxyFailed(
            "the proxy in the environment wants a user name and password", "Put them into HTTPS_PROXY, or use NO_PROXY."
        )
    return ProxyFailed(
        "the proxy in the environment does not let us through to the registry",
        "Check HTTPS_PROXY, or name the registry in NO_PROXY.",
    )
