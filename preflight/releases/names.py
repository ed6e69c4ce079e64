"""Which releases should have an image and which have one: git's tags against a registry's, compared by version.

Trap: git says `v1.2.0` where the usual release workflow tags the image `1.2.0`, and a tag of an image cannot hold
the `+` of build metadata. Commit ids, `latest`, `1.2`, `sha256-….sig` and the like are no releases.
"""

import re
from collections.abc import Iterable, Sequence

from preflight.lib.patterns import LinearPattern, compile_pattern
from preflight.lib.records import frozen
from preflight.lib.regex import regex
from preflight.lib.versions import Version, parse_release_tag

_QUICK = regex(r"v?\d+\.\d+\.\d+(?:$|[-+])", re.ASCII)
_LOOSE = regex(r"(v?)0*(\d+)\.0*(\d+)(?:\.0*(\d+))?(?=$|[-+])", re.ASCII)
_NAMED = regex(r"\bfor\s+(?:(?:release|version|tag)\s+)?(v?\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)(?=$|[\s,;:)])", re.ASCII)

Order = tuple[tuple[int, int, int], int, tuple[tuple[int, int, str], ...]]


@frozen
class Release:
    """One version.

    Args:
        version: Number and pre-release.
        tags: How it is written, in git or in a registry; "v1.2.0" and "1.2.0" may both be there.
    """

    version: Version
    tags: tuple[str, ...]

    @property
    def name(self) -> str:
        """The version without a leading v: what two releases are compared by."""
        return str(self.version)

    @property
    def is_final(self) -> bool:
        """Whether it is no pre-release (nor a variant such as `1.2.0-amd64`, which reads the same)."""
        return not self.version.prerelease

    @property
    def order(self) -> Order:
        """Its place by Semantic Versioning 2.0.0, section 11, as a key for sorting."""
        words = self.version.prerelease.split(".") if self.version.prerelease else []
        places = tuple((0, int(word), "") if word.isdecimal() else (1, 0, word) for word in words)
        return self.version.number, 0 if words else 1, places


def find_releases(tags: Iterable[str], pattern: str = "") -> tuple[Release, ...]:
    """Return the releases among some tags, newest first.

    Args:
        tags: The tags of git or of a registry.
        pattern: A regular expression that a tag must match as a whole; its first group, if it has one, is the
            version, for which dates such as 2024.01.05 or 2024.10 are taken, too. Empty: the version itself, with or
            without a leading v.
    """
    shape = compile_pattern(pattern) if pattern else None
    found: dict[str, list[str]] = {}
    versions: dict[str, Version] = {}
    for tag in tags:
        version = _version(tag, shape)
        if version is not None:
            versions.setdefault(str(version), version)
            found.setdefault(str(version), []).append(tag)
    releases = [Release(versions[name], tuple(found[name])) for name in found]
    return tuple(sorted(releases, key=lambda release: release.order, reverse=True))


def _version(tag: str, shape: LinearPattern | None) -> Version | None:
    if shape is not None and (match := shape.fullmatch(tag)):
        tag = _strict((match.group(1) or "") if shape.groups else tag)
    elif shape is not None:
        return None
    return parse_release_tag(tag) if _QUICK.match(tag) else None


def _strict(version: str) -> str:
    """Return a version without leading zeros and with all three numbers, as Semantic Versioning demands."""
    return _LOOSE.sub(lambda found: f"{found[1]}{found[2]}.{found[3]}.{found[4] or 0}", version, count=1)


def named_releases(subjects: Iterable[str]) -> frozenset[str]:
    """Return the versions that commit subjects such as "chore: pin the agent image for v1.2.0" name."""
    versions = (parse_release_tag(match[1]) for subject in subjects for match in _NAMED.finditer(subject))
    return frozenset(str(version) for version in versions if version is not None)


@frozen
class Comparison:
    """Releases that should have an image, told apart; each group newest first.

    Args:
        present: There.
        pruned: Gone, and known to have been there.
        missing: Not there though it should be: between others that are, or demanded. Pruned, or never published.
        pending: Newer than any that is there: not built yet, failed to build, or gone.
        unpublished: Older than the first that is there: from before there were images, for all one can see.
    """

    present: tuple[Release, ...]
    pruned: tuple[Release, ...]
    missing: tuple[Release, ...]
    pending: tuple[Release, ...]
    unpublished: tuple[Release, ...]


def compare(
    expected: Sequence[Release],
    there: Sequence[Release],
    known: Iterable[str],
    since: str = "",
    *,
    demanded: bool = False,
) -> Comparison:
    """Tell the expected releases apart.

    Args:
        expected: What git, or the operator, says was released.
        there: What the registry has.
        known: Versions that surely had an image once, e.g. because the pin named them.
        since: The first version that had an image, if the operator says so; empty: the first that is there.
        demanded: The operator named each, so that none may be missing, wherever it stands in the order.
    """
    names, sure = {release.name for release in there}, frozenset(known)
    finals = [release.order for release in there if release.is_final] or [release.order for release in there]
    first = find_releases([since])[0].order if since else min(finals, default=None)
    last = max(finals, default=None)
    groups: dict[str, list[Release]] = {"present": [], "pruned": [], "missing": [], "pending": [], "unpublished": []}
    for release in expected:
        if release.name in names:
            group = "present"
        elif release.name in sure:
            group = "pruned"
        elif demanded:
            group = "missing"
        elif first is not None and release.order < first:
            group = "unpublished"
        elif last is None or release.order > last:
            group = "pending"
        else:
            group = "missing"
        groups[group].append(release)
    return Comparison(**{name: tuple(members) for name, members in groups.items()})
