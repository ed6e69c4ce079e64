"""What an HTTP server, or the way to it, can refuse: one class a reason.

All are `CouldNotLook`: a check that does not catch one becomes an error finding, never a pass. No message
quotes a credential, a token, or the text of an answer.
"""

from preflight.errors import CouldNotLook, DeadlineExceeded


class HttpError(CouldNotLook):
    """The server, or the way to it, did not give what was asked for."""


class Unreachable(HttpError):
    """No conversation came about: refused, no route, reset, broken off."""


class ConnectionBroken(Unreachable):
    """The connection was closed before the answer was complete: worth another try."""


class NameNotResolved(Unreachable):
    """The host name has no address."""


class TlsFailed(Unreachable):
    """The TLS handshake failed, e.g. because the certificate is not trusted."""


class BadBundle(TlsFailed):
    """The certificates that were named as trusted cannot be read."""


class ProxyFailed(Unreachable):
    """The proxy named by the environment did not let us through."""


class TimedOut(HttpError, DeadlineExceeded):
    """The answer did not come, or did not end, in time."""


class NotReadable(HttpError):
    """Missing or not readable with these credentials: private and missing look alike (401, 403, 404)."""


class Unauthorized(NotReadable):
    """401, even after authentication where that was possible."""


class Forbidden(NotReadable):
    """403, from the server or from its token service."""


class RateLimited(HttpError):
    """429, still after the retries that fit into the time."""


class ServerTrouble(HttpError):
    """5xx, still after the retries that fit into the time."""


class Redirected(HttpError):
    """The answer points to another host; credentials and trust end here."""


class BadAnswer(HttpError):
    """An answer that makes no sense: invalid JSON, pages without end, an encoding not asked for."""


class Oversized(BadAnswer):
    """The answer is larger than anything of its kind may be."""


class NotHttp(HttpError):
    """Something answers, but it does not speak HTTP."""
