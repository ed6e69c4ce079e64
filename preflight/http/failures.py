"""Why no answer came, in our own words: the texts of HTTP libraries quote what was sent, and are not shown."""

from typing import TYPE_CHECKING

from preflight.http.errors import (
    ConnectionBroken,
    HttpError,
    NameNotResolved,
    NotHttp,
    ProxyFailed,
    TimedOut,
    TlsFailed,
    Unreachable,
)
from preflight.lib.text import printable

_WAY = "Then check the way there: firewall, HTTPS_PROXY, and whether the server runs."

if TYPE_CHECKING:
    from urllib3.exceptions import HTTPError

    from preflight.http.server import Server


def explain(error: "HTTPError", host: str, server: "Server") -> HttpError:  # noqa: PLR0911 -- one for each reason
    """Return our own error for one of urllib3's.

    Args:
        error: The error; its text quotes URLs and is not shown.
        host: Host and port that were asked, fit to show.
        server: What to tell the operator to check.
    """
    from urllib3 import exceptions as wrong

    check = f"Check {server.check}."
    match error:
        case wrong.ProxyError():
            return proxy_failed(error, host)
        case wrong.SSLError():
            return tls_failed(error, host, server)
        case wrong.NameResolutionError():
            message, hint = f"the name {host} could not be resolved (DNS)", f"{check} Then check this host's DNS."
            return NameNotResolved(message, hint)
        case wrong.NewConnectionError():
            message, hint = f"{host} could not be reached: {reason(error.__cause__)}", f"{check} {_WAY}"
            return Unreachable(message, hint)
        case wrong.TimeoutError():
            return timed_out(host)
        case wrong.LocationValueError() | wrong.InvalidHeader():
            return Unreachable(f"{host} is not a host that can be asked", check)
    if is_not_http(error):
        return NotHttp(f"what answers at {host} does not speak HTTP", check)
    return ConnectionBroken(f"{host} closed the connection without an answer", f"Try again. {check} {_WAY}")


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
        "Try again; check the network, or give `preflight run` more time with --timeout.",
    )


def tls_failed(error: BaseException, host: str, server: "Server") -> TlsFailed:
    """Return the error for a TLS handshake that failed, with the reason where it is known."""
    import ssl

    cause = next((arg for arg in (error.__cause__, *error.args) if isinstance(arg, ssl.SSLError)), None)
    if isinstance(cause, ssl.SSLCertVerificationError):
        why = printable(cause.verify_message, 120)
        return TlsFailed(f"the certificate of {host} is not trusted: {why}", server.trust)
    plain = server.plain_http.replace("{host}", host)
    if cause is not None and cause.reason in {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"}:
        return TlsFailed(f"{host} answers, but not with TLS: it seems to speak plain HTTP", plain)
    return TlsFailed(f"the TLS handshake with {host} failed", f"Check {server.check}. {plain}")


def proxy_failed(error: BaseException, host: str) -> ProxyFailed:
    """Return the error for a proxy that cannot be reached or refuses."""
    cause = next((arg for arg in error.args if isinstance(arg, BaseException)), None)
    if isinstance(cause, OSError) and "407" in str(cause):
        return ProxyFailed(
            "the proxy in the environment wants a user name and password", "Put them into HTTPS_PROXY, or use NO_PROXY."
        )
    return ProxyFailed(
        f"the proxy in the environment does not let us through to {host}",
        f"Check HTTPS_PROXY, or name {host} in NO_PROXY.",
    )
