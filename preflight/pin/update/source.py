"""The image of a release: found by its tag, and waited for while somebody still builds it."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from preflight.http.errors import ConnectionBroken, RateLimited, ServerTrouble, TimedOut
from preflight.lib.deadline import Deadline
from preflight.lib.durations import words
from preflight.lib.records import frozen
from preflight.lib.reference import ImageReference
from preflight.lib.text import printable
from preflight.pin.refusal import Refused
from preflight.registry.door import Registry
from preflight.registry.errors import ManifestUnknown, RepositoryUnknown
from preflight.registry.values import Manifest

_QUESTION_S = 60.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 2.0, 15.0
_TELL_EVERY_S = 60.0
_MISSING = (ManifestUnknown, RepositoryUnknown)
_PASSING = (ConnectionBroken, RateLimited, ServerTrouble, TimedOut)
"""Trouble that ends by itself. It ends no wait that began well."""


@frozen
class Source:
    """An image that the registry has.

    Args:
        tag: The tag that it was asked for by.
        manifest: What the registry sent.
    """

    tag: str
    manifest: Manifest

    @property
    def digest(self) -> str:
        """The digest of the bytes that the registry sent."""
        return self.manifest.digest


@frozen
class Patience:
    """How to wait for a tag.

    Args:
        seconds: How long at most; 0 asks once.
        tell: Gets a line for the operator when the wait begins, and each minute.
        sleep: Waits for some seconds.
    """

    seconds: float = 0.0
    tell: Callable[[str], object] = str
    sleep: Callable[[float], object] = time.sleep


def find_source(registry: Registry, image: ImageReference, tags: Sequence[str], patience: Patience) -> Source:
    """Return the image that has one of some tags, as soon as the registry has it. Each look asks the registry again.

    Args:
        registry: The registry.
        image: Names registry and repository.
        tags: The first that is there counts.
        patience: How long to wait.

    Raises:
        Refused: There is no such tag, or it did not appear in time.
        RepositoryUnknown: There is no such repository, as far as our credentials can see.
        CouldNotLook: The registry cannot be asked.
    """
    until, pause, told_at = Deadline.after(patience.seconds), _FIRST_PAUSE_S, -math.inf
    what = f"the tag {printable(' or '.join(tags), 120)} of {image.name}"
    first = True
    while True:
        try:
            return _look(registry, image, tags)
        except _MISSING as error:
            problem: Exception = error
        except _PASSING as error:
            if first:
                raise
            problem = error
        first = False
        left = until.at - time.monotonic()
        if left <= 0:
            raise _gave_up(problem, what, patience)
        if time.monotonic() - told_at >= _TELL_EVERY_S:
            patience.tell(f"waiting for {what}, {words(left)} left")
            told_at = time.monotonic()
        patience.sleep(min(pause, left))
        pause = min(pause * 1.5, _LONGEST_PAUSE_S)


def _look(registry: Registry, image: ImageReference, tags: Sequence[str]) -> Source:
    """Ask for each tag; what the registry said of the first is raised where it has none."""
    missing: ManifestUnknown | None = None
    for tag in tags:
        try:
            found = registry.refetch_manifest(replace(image, tag=tag, digest=None), Deadline.after(_QUESTION_S))
        except ManifestUnknown as error:
            missing = missing or error
        else:
            return Source(tag, found)
    raise missing or AssertionError("no tag was asked for")


def _gave_up(problem: Exception, what: str, patience: Patience) -> Exception:
    if not isinstance(problem, ManifestUnknown):
        return problem
    if patience.seconds:
        return Refused(
            f"{what} did not appear within {words(patience.seconds)}",
            "Look whether its build failed, or wait longer: --wait.",
        )
    return Refused(
        f"the registry has no {what.removeprefix('the ')}",
        "Wait until the image is published (--wait 10m), or name the tag that it has: --source TAG.",
    )
