"""Which package a step is after, compared with ours."""

from collections.abc import Callable, Iterable, Sequence
from urllib.parse import unquote

from preflight.lib.records import frozen
from preflight.workflows.matching import equals
from preflight.workflows.value import Tri, all_of, any_of, negate

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


def owned(package: Package, owner: str) -> bool:
    """Whether an owner may be ours; one that only shows when the workflow runs nearly always is."""
    return not owner.strip() or equals(owner.strip().lstrip("@"), package.owner) is not False


def aims_at(package: Package, names: Iterable[str], owner: str = "") -> Tri:
    """Whether a step is after our package.

    Args:
        package: Ours.
        names: What it names; none for all packages.
        owner: Empty if it names none, which may be ours.
    """
    if not owned(package, owner):
        return False
    wanted = [name.strip() for name in names if name.strip()]
    return any_of(_is(name, package) for name in wanted) if wanted else True


def _is(name: str, package: Package) -> Tri:
    plain = unquote(name.strip("\"'"))
    return any_of([equals(plain, package.name), equals(plain, f"{package.owner}/{package.name}")])


def covers(package: Package, patterns: Sequence[str], matches: Callable[[str, str], Tri]) -> Tri:
    """Whether patterns cover our package; those that begin with ``!`` take out.

    Args:
        package: Ours.
        patterns: In order; none that takes in means all.
        matches: Whether one pattern covers a name.
    """
    wanted = [pattern.strip().strip("\"'").lower() for pattern in patterns if pattern.strip()]
    out = any_of(matches(pattern[1:], package.name) for pattern in wanted if pattern.startswith("!"))
    into = [pattern for pattern in wanted if not pattern.startswith("!")]
    return all_of(negate(out), any_of(matches(pattern, package.name) for pattern in into) if into else True)
