"""What only a container registry refuses; what any HTTP server refuses is in preflight/http/errors.py."""

from preflight.http.errors import BadAnswer, HttpError, NotReadable


class RepositoryUnknown(NotReadable):
    """404 with NAME_UNKNOWN: no such repository, as far as these credentials can see."""


class ManifestUnknown(NotReadable):
    """404 with MANIFEST_UNKNOWN: the repository answers, this manifest is not in it."""


class NotWritable(HttpError):
    """The registry answers, and these credentials may not push there."""


class NotARegistry(HttpError):
    """Something answers, but no registry: a web page, a captive portal, another kind of data."""


class WrongDigest(BadAnswer):
    """The answer for a digest is, or says it is, something else."""
