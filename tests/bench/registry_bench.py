"""The registry client against other ways: all tags against `curl`, the children of an index against one of them.

The registry is a fake on this machine, in a process of its own. `curl` is used as a shell loop would: one process a
page, the next page's address from the `Link` header. A second figure gives `curl` all addresses at once, so that it
keeps its connection: the floor.
"""

import multiprocessing
import os
import re
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from preflight.engine.door import Engine
from preflight.images.pullable import look_at_images
from preflight.lib.deadline import Deadline
from preflight.lib.reference import ImageReference
from preflight.registry.door import Registry
from preflight.registry.values import Manifest
from preflight.testing import fake_context
from tests.fakes.ghcr import FakeGhcr, Handler

REPOSITORY = "owner/name"
TAGS = 12_000
CHILDREN = 30
ROUNDS = 5
_NEXT = re.compile(rb"^link: <([^>]*)>", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class TagsTiming:
    """Median seconds for all tags: ours (a new client each time), `curl` in a loop, one `curl` for all pages."""

    ours: float
    curl_loop: float
    curl_once: float

    @property
    def ratio(self) -> float:
        """Ours to the loop; the aim is at most 1.3."""
        return self.ours / self.curl_loop


@dataclass(frozen=True)
class ChildrenTiming:
    """Median seconds to see whether an image would pull: an index of many children, an index of one."""

    many: float
    one: float

    @property
    def ratio(self) -> float:
        """Many to one; the aim is at most 3."""
        return self.many / self.one


def measure_tags(tags: int = TAGS, rounds: int = ROUNDS) -> TagsTiming:
    """Measure, in turns, so that a busy moment hits all three."""
    with _served(_with_tags, tags) as (host, _):
        pages = _curl_loop(host)
        medians = _medians(
            rounds,
            {
                "ours": lambda: _ours(host, tags),
                "loop": lambda: _curl_loop(host),
                "once": lambda: _curl(*pages),
            },
        )
    return TagsTiming(medians["ours"], medians["loop"], medians["once"])


def measure_children(children: int = CHILDREN, rounds: int = 2 * ROUNDS, away_s: float = 0.0) -> ChildrenTiming:
    """Measure the same questions about both, in turns; every answer of the registry takes ``away_s`` longer."""
    with _served(_with_children, children, away_s) as (host, (many, one)):
        medians = _medians(rounds, {"many": lambda: _look(host, many, children), "one": lambda: _look(host, one, 1)})
    return ChildrenTiming(medians["many"], medians["one"])


@contextmanager
def _served(fill: Callable[..., tuple[str, ...]], *arguments: float) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Serve a fake that ``fill`` has filled; hand on its host and what ``fill`` returned."""
    mine, theirs = multiprocessing.Pipe()
    work = (theirs, fill, arguments)
    server = multiprocessing.get_context("fork").Process(target=_serve, args=work, daemon=True)
    server.start()
    try:
        yield mine.recv()
    finally:
        mine.send("stop")
        server.join(10)


def _serve(pipe: Connection, fill: Callable[..., tuple[str, ...]], arguments: tuple[float, ...]) -> None:
    with FakeGhcr() as ghcr:
        filled = fill(ghcr, *arguments)
        pipe.send((ghcr.host, filled))
        pipe.recv()


def _with_tags(ghcr: FakeGhcr, tags: int) -> tuple[str, ...]:
    ghcr.challenge = ""
    ghcr.push(REPOSITORY)
    ghcr.repositories[REPOSITORY] = [f"1.0.{patch}" for patch in range(tags)]
    return ()


def _with_children(ghcr: FakeGhcr, children: int, away_s: float) -> tuple[str, ...]:
    def far_away(_: Handler) -> bool:
        time.sleep(away_s)
        return False

    if away_s:
        ghcr.always("/", far_away)
    digests = [ghcr.push_image(REPOSITORY, content=str(number)) for number in range(children)]
    return ghcr.push_index(REPOSITORY, *digests), ghcr.push_index(REPOSITORY, digests[0])


def _medians(rounds: int, ways: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            taken[name].append(_time(way))
    return {name: statistics.median(each) for name, each in taken.items()}


def _ours(host: str, tags: int) -> None:
    found = _door(host).tags(host, REPOSITORY, Deadline.after(60))
    if len(found) != tags:
        raise AssertionError(f"{len(found)} of {tags} tags")


def _look(host: str, digest: str, children: int) -> None:
    nowhere = Engine({"DOCKER_HOST": "unix:///nowhere.sock"})
    ctx = fake_context(Path.cwd(), registry=_door(host), engine=nowhere, seconds=60)
    [seen] = look_at_images(ctx, [ImageReference(host, REPOSITORY, None, digest)], deep=False)
    answers = [each for each in seen.answers.values() if isinstance(each, Manifest)]
    if len(answers) != children:
        raise AssertionError(f"{len(answers)} of {children} children")


def _door(host: str) -> Registry:
    return Registry({"DOCKER_CONFIG": os.devnull}, frozenset({host}))


def _curl_loop(host: str) -> list[str]:
    """Ask page after page; return the addresses."""
    url, asked = f"http://{host}/v2/{REPOSITORY}/tags/list?n=1000", []
    while url:
        asked.append(url)
        link = _NEXT.search(_curl("--include", url))
        url = f"http://{host}{link[1].decode()}" if link else ""
    return asked


def _curl(*arguments: str) -> bytes:
    command = ["curl", "--silent", "--fail", *arguments]
    return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout


def _time(way: Callable[[], object]) -> float:
    began = time.perf_counter()
    way()
    return time.perf_counter() - began
