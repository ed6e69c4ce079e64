"""Which package a step is after, compared with ours."""

from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from preflight.lib.records import frozen
from preflight.workflows.value import Tri, any_of, equals, glob, negate

CONTAINER = frozenset({"container", "docker"})


@frozen
class Package:
    """A container package in ghcr.io.

    Args:
        owner: User or organisation.
        name: The rest of the image's name; may contain slashes.
    """

    owner: str
    name: str

    def __str__(self) -> str:
        return f"ghcr.io/{self.owner}/{self.name}"


def aims_at(package: Package, names: Iterable[str] | None, owner: str = "") -> Tri:
    """Whether a step is after our package.

    Args:
        package: Ours.
        names: What it names; None for the package called like the repository; an empty collection for all.
        owner: Empty if it names none. One that only shows when the workflow runs is taken for ours: it nearly
            always is the repository's own.
    """
    if owner and equals(owner.strip().lstrip("@"), package.owner) is False:
        return False
    if names is None:
        return False if "/" in package.name else None  # no repository's name contains a slash
    wanted = [name.strip() for name in names if name.strip()]
    return any_of(_is(name, package) for name in wanted) if wanted else True


def _is(name: str, package: Package) -> Tri:
    plain = unquote(name.strip("\"'"))
    return any_of([equals(plain, package.name), equals(plain, f"{package.owner}/{package.name}")])


def covers(package: Package, patterns: Sequence[str]) -> Tri:
    """Whether patterns with ``*`` and ``?`` cover our package; those that begin with ``!`` take out."""
    wanted = [pattern.strip().strip("\"'") for pattern in patterns if pattern.strip()]
    out = any_of(glob(pattern[1:].lower(), package.name) for pattern in wanted if pattern.startswith("!"))
    into = [pattern for pattern in wanted if not pattern.startswith("!")]
    inside = any_of(glob(pattern.lower(), package.name) for pattern in into) if into else True
    if out is True or inside is False:
        return False
    return inside if negate(out) is True else None
