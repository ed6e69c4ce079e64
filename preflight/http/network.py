"""What the environment says about the way out: proxies, certificate authorities, pauses.

Standard modules that only some runs need are imported where they are used.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from preflight.http.errors import BadBundle, ProxyFailed

if TYPE_CHECKING:
    import ssl

_BACKOFF_S = 0.2
_MAX_BACKOFF_S = 5.0
_NO_JITTER_BELOW = 0.5


def proxy_for(scheme: str, host: str, port: int, environ: Mapping[str, str]) -> str | None:
    """Return the URL of the proxy for a host, or None for the direct way.

    Reads `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` in either case, the lower one first, with
    Docker's (Go's) meaning of `NO_PROXY`: a loopback host never goes through a proxy, a name covers its
    sub-domains, `*` covers all, addresses may be ranges. The URL may hold a password: never show it.

    Raises:
        ProxyFailed: The proxy is of a kind we do not speak.
    """
    value = _variable(environ, f"{scheme}_proxy") or _variable(environ, "all_proxy")
    if not value or _bypassed(host, port, _variable(environ, "no_proxy")):
        return None
    url = value if "://" in value else f"http://{value}"
    if not url.lower().startswith(("http://", "https://")):
        raise ProxyFailed(
            "the environment names a proxy that is neither http:// nor https://",
            "Name an HTTP proxy in HTTPS_PROXY, or the host in NO_PROXY.",
        )
    return url


def _variable(environ: Mapping[str, str], name: str) -> str:
    if name == "http_proxy" and "REQUEST_METHOD" in environ:
        return environ.get(name, "")  # under CGI, HTTP_PROXY is a header that anybody can send
    return environ.get(name) or environ.get(name.upper(), "")


def _bypassed(host: str, port: int, no_proxy: str) -> bool:
    name = host.strip("[]").lower().rstrip(".")
    if name == "localhost" or _in_range(name, "127.0.0.0/8") or _in_range(name, "::1"):
        return True
    return any(_covers(entry.strip().lower(), name, port) for entry in no_proxy.split(",") if entry.strip())


def _covers(entry: str, name: str, port: int) -> bool:
    if entry == "*" or _in_range(name, entry.strip("[]")):
        return True
    pattern, colon, its_port = entry.rpartition(":")
    if colon and its_port.isdigit() and (pattern.startswith("[") or ":" not in pattern):
        return int(its_port) == port and _covers(pattern, name, port)
    bare = entry.removeprefix("*").removeprefix(".")
    return bool(bare) and (name.endswith(f".{bare}") or (name == bare and not entry.startswith((".", "*"))))


def _in_range(name: str, text: str) -> bool:
    import ipaddress

    try:
        return ipaddress.ip_address(name) in ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False


def tls_context(environ: Mapping[str, str], ca_file: Path | None = None) -> "ssl.SSLContext":
    """Return a context that trusts ``ca_file`` alone, else what the environment names, else what the machine trusts.

    `SSL_CERT_FILE` and `SSL_CERT_DIR` (OpenSSL, Go) and `REQUESTS_CA_BUNDLE` (Python's tools; a file or a
    folder) are read from ``environ``; all that are set count.

    Raises:
        BadBundle: A named file or folder cannot be read.
    """
    import ssl

    named = {
        name: environ[name] for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE") if environ.get(name)
    }
    if ca_file is not None:
        named = {"ca_file": str(ca_file)}
    if not named:
        return ssl.create_default_context()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for name, value in named.items():
        _trust(context, name, Path(value))
    return context


def _trust(context: "ssl.SSLContext", name: str, path: Path) -> None:
    import ssl

    try:
        if path.is_dir():
            context.load_verify_locations(capath=str(path))
        else:
            context.load_verify_locations(cafile=str(path))
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        reason = "no certificate in PEM form is in it" if isinstance(error, ssl.SSLError) else "it cannot be read"
        raise BadBundle(
            f"{name} names a bundle of certificates, but {reason}", f"Correct the path in {name}, or unset it."
        ) from None


def asked_pause(headers: Mapping[str, str]) -> float | None:
    """Return the seconds `Retry-After` asks for, given as a number or as a date, or None without a usable one."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    if value.isascii() and value.isdigit():
        return float(value[:9])
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):  # the latter: a year or an hour of twenty digits
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def backoff(attempt: int) -> float:
    """Return seconds to wait after the failed ``attempt`` (from 0): doubled each time, with jitter."""
    import random

    longest: float = min(_MAX_BACKOFF_S, _BACKOFF_S * 2**attempt)
    return longest * random.uniform(_NO_JITTER_BELOW, 1.0)  # noqa: S311 -- jitter, not a secret
