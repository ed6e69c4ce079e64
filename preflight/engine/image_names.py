"""What `docker rmi NAME` leaves of an image's names while a container keeps the image itself. Values only.

The classic image store refuses for the sake of a container only when the name is the last: one tag at most, and digests
of that one repository (Moby, daemon/images/image_delete.go, isSingleReference). Else it takes the name away, and with
the last tag of a repository the repository's digests. Seen with Docker 20.10.
"""

from collections.abc import Iterable, Sequence


def names_left(names: Iterable[str], asked: Sequence[str]) -> frozenset[str]:
    """Return which names an image in use still has after `docker rmi` of some of them, one after the other.

    Args:
        names: All that it has: `NAME:TAG` and `NAME@sha256:…`.
        asked: Those that are to go, in their order.
    """
    left = frozenset(names)
    for name in asked:
        if name in left and not _is_last(left):
            left = _without(left, name)
    return left


def names_of_others(names: Iterable[str], repository: str) -> tuple[str, ...]:
    """Return the names that have to go so that only those of one repository are left, for `docker rmi`; sorted."""
    others = sorted(each for each in names if repository_of(each) != repository)
    tagged = {repository_of(each) for each in others if not _is_digest(each)}  # a digest goes with the last tag
    return tuple(each for each in others if not (_is_digest(each) and repository_of(each) in tagged))


def repository_of(name: str) -> str:
    """Return `NAME` of `NAME:TAG` or `NAME@sha256:…`."""
    return name.partition("@")[0] if _is_digest(name) else name.rpartition(":")[0]


def _is_last(names: frozenset[str]) -> bool:
    tags = [each for each in names if not _is_digest(each)]
    return len(tags) <= 1 and len({repository_of(each) for each in names}) <= 1


def _without(names: frozenset[str], name: str) -> frozenset[str]:
    left = names - {name}
    own = frozenset(each for each in left if repository_of(each) == repository_of(name))
    return left - own if not _is_digest(name) and all(map(_is_digest, own)) else left


def _is_digest(name: str) -> bool:
    return "@" in name
