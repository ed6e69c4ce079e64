"""Versions as programs and tags really write them, and their order by Semantic Versioning 2.0.0, section 11."""

import re
from typing import TYPE_CHECKING

from preflight.lib.records import frozen
from preflight.lib.regex import regex

if TYPE_CHECKING:
    import semver

_TOLERANT = regex(r"[vV]?(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?(?P<rest>[-+~_.][0-9A-Za-z.+~_:-]*)?", re.ASCII)
# A word that says "not yet released"; any other suffix is a vendor's (`desktop.1`, `ds1-0ubuntu1`, `1.el9`).
_NOT_YET = regex(
    r"(?:^|[-~._])((?:alpha|beta|rc|pre|preview|dev|devel|snapshot|nightly|canary|milestone|next|test)"
    r"[.-]?\d*(?:\.\d+)*)(?=$|[-~._])",
    re.IGNORECASE | re.ASCII,
)
# A release by the letter of Semantic Versioning, with nothing appended: to read one, or to compare two, no library is
# needed, and most tags are such.
_RELEASE = regex(r"v?(0|[1-9]\d{0,18})\.(0|[1-9]\d{0,18})\.(0|[1-9]\d{0,18})", re.ASCII)


@frozen
class Version:
    """One version.

    Args:
        text: As it was written.
        number: Major, minor, patch.
        prerelease: The part that makes it older than its number, e.g. "rc.1"; empty for a release.
        vendor: What a vendor appended, e.g. "desktop.1"; it changes nothing in the order.
    """

    text: str
    number: tuple[int, int, int]
    prerelease: str = ""
    vendor: str = ""

    def at_least(self, minimum: "Version") -> bool:
        """Whether this one is the same as ``minimum`` or newer; a pre-release is older than its release."""
        return not self < minimum

    def __lt__(self, other: "Version") -> bool:
        if not self.prerelease and not other.prerelease:
            return self.number < other.number
        return bool(self._semver() < other._semver())

    def __str__(self) -> str:
        number = ".".join(map(str, self.number))
        return f"{number}-{self.prerelease}" if self.prerelease else number

    def _semver(self) -> "semver.Version":
        import semver

        return semver.Version(*self.number, prerelease=self.prerelease or None)


def parse_version(text: str) -> Version:
    """Read a version generously: a leading v, two parts, a vendor's or distribution's suffix.

    Raises:
        ValueError: There is no version in it.
    """
    match = _TOLERANT.fullmatch(text.strip())
    if match is None:
        raise ValueError("not a version such as 2.24.0")
    number = (int(match[1]), int(match[2]), int(match[3] or 0))
    rest = match["rest"] or ""
    before_build = rest.partition("+")[0]
    found = _NOT_YET.search(before_build)
    if found is None:
        return Version(text, number, vendor=rest.lstrip("-+~_."))
    return Version(text, number, prerelease=_identifiers(found[1]))


def parse_release_tag(tag: str) -> Version | None:
    """Read a tag by the letter of Semantic Versioning, with or without a leading v; None for any other tag.

    Here every suffix after a hyphen is a pre-release, as the specification has it.
    """
    if plain := _RELEASE.fullmatch(tag):
        return Version(tag, (int(plain[1]), int(plain[2]), int(plain[3])))
    import semver

    try:
        found = semver.Version.parse(tag.removeprefix("v"))
    except ValueError:
        return None
    return Version(tag, (found.major, found.minor, found.patch), prerelease=found.prerelease or "")


def _identifiers(word: str) -> str:
    """Write a pre-release so that Semantic Versioning accepts it: no leading zeros in its numbers."""
    parts = re.sub(r"-", ".", word).split(".")
    return ".".join(str(int(part)) if part.isdecimal() else part for part in parts if part)
