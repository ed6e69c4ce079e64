"""What a registry, or the way to it, can refuse: one class a reason, each with words of its own.

All are `CouldNotLook`: a check that does not catch one becomes an error finding, never a pass. No message
quotes a credential, a token, or the text of an answer.
"""

# ruff: noqa: N818 -- named for what they mean to the operator, as in preflight/errors.py

from preflight.errors import CouldNotLook, DeadlineExceeded


class RegistryError(CouldNotLook):
    """The registry, or the way to it, did not give what was asked for."""


class Unreachable(RegistryError):
    """No conversation came about: refused, no route, reset, broken off."""


class NameNotResolved(Unreachable):
    """The host name has no address."""


class TlsFailed(Unreachable):
    """The TLS handshake failed, e.g. because the certificate is not trusted."""


class BadBundle(TlsFailed):
    """The certificates that were named as trusted cannot be read."""


class ProxyFailed(Unreachable):
    """The proxy named by the environment did not let us through."""


class TimedOut(RegistryError, DeadlineExceeded):
    """The answer did not come, or did not end, in time."""


class NotReadable(RegistryError):
    """Missing or not readable with these credentials: private and missing look alike (401, 403, 404)."""


class Unauthorized(NotReadable):
    """401, even after authentication where that was possible."""


class Forbidden(NotReadable):
    """403, from the registry or from its token service."""


class RepositoryUnknown(NotReadable):
    """404 with NAME_UNKNOWN: no such repository, as far as these credentials can see."""


class ManifestUnknown(NotReadable):
    """404 with MANIFEST_UNKNOWN: the repository answers, this manifest is not in it."""


class RateLimited(RegistryError):
    """429, still after the retries that fit into the time."""


class ServerTrouble(RegistryError):
    """5xx, still after the retries that fit into the time."""


class Redirected(RegistryError):
    """The answer points to another host; credentials and trust end here."""


class NotARegistry(RegistryError):
    """Something answers, but no registry: a web page, a captive portal, another kind of data."""


class BadAnswer(RegistryError):
    """A registry's answer that makes no sense: invalid JSON, pages without end, an encoding not asked for."""


class Oversized(BadAnswer):
    """The answer is larger than anything of its kind may be."""


class WrongDigest(BadAnswer):
    """The answer for a digest is, or says it is, something else."""
