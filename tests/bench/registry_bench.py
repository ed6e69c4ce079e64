"""12,000 tags, a hundred a page: our client against `curl` asked for the same pages one after another.

Both ask the same fake registry on this machine, which runs in a process of its own. `curl` is used as a shell loop
would: one process a page, the next page's address from the `Link` header. A second figure gives `curl` all addresses
at once, so that it keeps its connection: the floor.
"""

import multiprocessing
import os
import re
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection

from preflight.deadline import Deadline
from preflight.registry import Registry
from tests.fakes.ghcr import FakeGhcr

REPOSITORY = "owner/name"
TAGS = 12_000
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


def measure_tags(tags: int = TAGS, rounds: int = ROUNDS) -> TagsTiming:
    """Measure, in turns, so that a busy moment hits all three."""
    mine, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("fork").Process(target=_serve, args=(theirs, tags), daemon=True)
    server.start()
    try:
        host = mine.recv()
        pages = _curl_loop(host)
        ways: dict[str, Callable[[], object]] = {
            "ours": lambda: _ours(host, tags),
            "loop": lambda: _curl_loop(host),
            "once": lambda: _curl(*pages),
        }
        taken: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, way in ways.items():
                taken[name].append(_time(way))
    finally:
        mine.send("stop")
        server.join(10)
    medians = {name: statistics.median(each) for name, each in taken.items()}
    return TagsTiming(medians["ours"], medians["loop"], medians["once"])


def _serve(pipe: Connection, tags: int) -> None:
    with FakeGhcr(challenge="") as ghcr:
        ghcr.push(REPOSITORY)
        ghcr.repositories[REPOSITORY] = [f"1.0.{patch}" for patch in range(tags)]
        pipe.send(ghcr.host)
        pipe.recv()


def _ours(host: str, tags: int) -> None:
    door = Registry({"DOCKER_CONFIG": os.devnull}, frozenset({host}))
    found = door.tags(host, REPOSITORY, Deadline.after(60))
    if len(found) != tags:
        raise AssertionError(f"{len(found)} of {tags} tags")


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


if __name__ == "__main__":
    timing = measure_tags()
    print(  # noqa: T201 -- a benchmark talks to a person
        f"12,000 tags: {timing.ours * 1000:.0f} ms; curl in a loop {timing.curl_loop * 1000:.0f} ms "
        f"(ratio {timing.ratio:.2f}); one curl {timing.curl_once * 1000:.0f} ms"
    )
