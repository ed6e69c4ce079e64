"""Image references as Docker reads them: `ghcr.io/owner/name:tag@sha256:…`, taken apart and judged.

The grammar is that of the distribution project ("reference" package) with Docker's defaults on top: no
registry means `docker.io`, one word on it means `library/WORD`. Digests are accepted in the one form that a
pin may have, sha256 with 64 lower-case hexadecimal digits.
"""

import re
from enum import StrEnum

from preflight.lib.records import frozen
from preflight.lib.regex import regex
from preflight.lib.text import printable

DEFAULT_REGISTRY = "docker.io"
_OFFICIAL = "library/"
_MAX_NAME = 255

_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_HOST = regex(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?", re.ASCII)
_WORD = regex(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*", re.ASCII)
_TAG = regex(r"\w[\w.-]{0,127}", re.ASCII)
_DIGEST = regex(r"sha256:[0-9a-f]{64}")
_WHOLE_DIGEST = regex(r"(@sha256:[a-f0-9]{12})[a-f0-9]{52}")
_DIGITS = 64
_HEX_ONLY = regex(r"[a-f0-9]{64}")
_ALGORITHM = regex(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*", re.ASCII)


class ReferenceKind(StrEnum):
    """What can be wrong with a reference; each gets its own words."""

    EMPTY = "empty"
    WHITESPACE = "whitespace"
    URL = "url"
    USERINFO = "userinfo"
    NAME = "name"
    UPPERCASE_NAME = "uppercase-name"
    TAG = "tag"
    DIGEST_ALGORITHM = "digest-algorithm"
    DIGEST_SHORT = "digest-short"
    DIGEST_LONG = "digest-long"
    DIGEST_UPPERCASE = "digest-uppercase"
    DIGEST = "digest"


class ReferenceProblem(ValueError):
    """The text is no reference that Docker would pull by a sha256 digest or tag.

    Args:
        kind: For code.
        message: For people; never quotes the text, which may hold a secret.
    """

    def __init__(self, kind: ReferenceKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


@frozen
class ImageReference:
    """One image reference with Docker's defaults filled in.

    Args:
        registry: Host with optional port, `docker.io` if none was written.
        repository: Path below it, `library/` added where Docker adds it.
        tag: As written, or None.
        digest: `sha256:` and 64 lower-case hexadecimal digits, or None.
    """

    registry: str
    repository: str
    tag: str | None = None
    digest: str | None = None

    @property
    def name(self) -> str:
        """Registry and repository, without tag and digest."""
        return f"{self.registry}/{self.repository}"

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.name}{tag}{digest}"


def is_digest(text: object) -> bool:
    """Whether it is a digest as this tool accepts them: `sha256:` and 64 lower-case hexadecimal digits."""
    return isinstance(text, str) and _DIGEST.fullmatch(text) is not None


def is_tag(text: str) -> bool:
    """Whether it can be the tag of an image."""
    return _TAG.fullmatch(text) is not None


def parse_reference(text: str) -> ImageReference:
    """Take a reference apart.

    Raises:
        ReferenceProblem: Docker would refuse it, or its digest is not sha256 in lower case.
    """
    _refuse_foreign(text)
    rest, at, digest = text.partition("@")
    if at:
        _check_digest(digest)
    name, tag = _split_tag(rest)
    if tag is not None and not _TAG.fullmatch(tag):
        raise ReferenceProblem(ReferenceKind.TAG, "the part after the name's ':' is no valid tag")
    registry, repository = _split_registry(name)
    return ImageReference(registry, repository, tag, digest if at else None)


def short_reference(text: str) -> str:
    """Return a reference for a line of a table: of a whole digest only the first 12 digits, then "…"."""
    return _WHOLE_DIGEST.sub(r"\1…", text)


def short_digest(digest: str) -> str:
    """Return ``sha256:`` and the first twelve digits of a digest, as people compare them."""
    return f"{digest[:19]}…"


def short_name(image: ImageReference) -> str:
    """Return an image by digest, fit for a message."""
    return printable(f"{image.name}@{short_digest(image.digest or '')}", 160)


def is_plain_reference(text: str) -> bool:
    """Whether a value of unknown origin is surely an image reference, hence safe to show.

    A single word parses as a reference too, and so does many a password; only a value with a digest, or with
    a registry and a path, is taken for a reference here.
    """
    try:
        reference = parse_reference(text)
    except ReferenceProblem:
        return False
    return reference.digest is not None or text.startswith(reference.registry + "/")


def _refuse_foreign(text: str) -> None:
    if not text:
        raise ReferenceProblem(ReferenceKind.EMPTY, "the value is empty")
    if " " in text or not text.isprintable():  # of all white space, only this blank counts as printable
        raise ReferenceProblem(ReferenceKind.WHITESPACE, "the value has white space or control characters")
    if "://" in text:
        raise ReferenceProblem(ReferenceKind.URL, "the value is a URL, not an image reference")
    _, _, after = text.partition("@")
    if "/" in after:
        raise ReferenceProblem(ReferenceKind.USERINFO, "the value has a user name or password before an '@'")
    if "@" in after:
        raise ReferenceProblem(ReferenceKind.DIGEST, "the value has more than one '@'")


def _check_digest(digest: str) -> None:
    algorithm, colon, value = digest.partition(":")
    if not colon or not _ALGORITHM.fullmatch(algorithm):
        raise ReferenceProblem(ReferenceKind.DIGEST, "the part after '@' is no digest (sha256:…)")
    if algorithm != "sha256":
        if algorithm.lower() == "sha256":
            raise ReferenceProblem(ReferenceKind.DIGEST_UPPERCASE, "the digest's 'sha256' is in upper case")
        raise ReferenceProblem(ReferenceKind.DIGEST_ALGORITHM, "the digest's algorithm is not sha256")
    if not re.fullmatch(r"[0-9a-fA-F]*", value):
        raise ReferenceProblem(ReferenceKind.DIGEST, "the digest has characters that are not hexadecimal")
    if len(value) < _DIGITS:
        raise ReferenceProblem(ReferenceKind.DIGEST_SHORT, f"the digest is short: {len(value)} of 64 digits")
    if len(value) > _DIGITS:
        raise ReferenceProblem(ReferenceKind.DIGEST_LONG, f"the digest is long: {len(value)} digits, not 64")
    if value != value.lower():
        raise ReferenceProblem(ReferenceKind.DIGEST_UPPERCASE, "the digest has upper-case letters")


def _split_tag(rest: str) -> tuple[str, str | None]:
    """Part name and tag; a ':' before the last '/' belongs to a port."""
    slash = rest.rfind("/")
    colon = rest.find(":", slash + 1)
    return (rest, None) if colon < 0 else (rest[:colon], rest[colon + 1 :])


def _split_registry(name: str) -> tuple[str, str]:
    if _HEX_ONLY.fullmatch(name):
        raise ReferenceProblem(ReferenceKind.NAME, "the value is a bare image id, without a name")
    first, slash, rest = name.partition("/")
    if slash and (any(mark in first for mark in ".:") or first == "localhost" or first != first.lower()):
        registry, path = first, rest
    else:
        registry, path = DEFAULT_REGISTRY, name
    registry = DEFAULT_REGISTRY if registry == "index.docker.io" else registry
    if registry == DEFAULT_REGISTRY and "/" not in path:
        path = _OFFICIAL + path
    _check_name(registry, path)
    return registry, path


def _check_name(registry: str, path: str) -> None:
    if not _HOST.fullmatch(registry):
        raise ReferenceProblem(ReferenceKind.NAME, "the registry's host name is not valid")
    words = path.split("/")
    if all(_WORD.fullmatch(word) for word in words):
        if len(registry) + 1 + len(path) > _MAX_NAME:
            raise ReferenceProblem(ReferenceKind.NAME, f"the image name exceeds {_MAX_NAME} characters")
        return
    if all(_WORD.fullmatch(word.lower()) for word in words):
        raise ReferenceProblem(ReferenceKind.UPPERCASE_NAME, "the image name has upper-case letters")
    raise ReferenceProblem(ReferenceKind.NAME, "the image name is not valid")
