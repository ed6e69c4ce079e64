"""Checks made up for tests of the engine, and what they need to run."""

import time
from collections.abc import Callable, Iterable
from typing import Any

from preflight.check import Check, NoSettings
from preflight.context import Context
from preflight.model import About, Finding, Need


def about(check_id: str, *, needs: frozenset[Need] = frozenset(), tags: frozenset[str] = frozenset({"test"})) -> About:
    """Return what a made-up check says of itself."""
    return About(check_id, f"{check_id} is fine", tags, needs, "Is it?", "Because.", ())


class Saying(Check[NoSettings]):
    """A check that does what it is told."""

    def __init__(self, check_id: str, says: Callable[[Context], Iterable[Finding]], **facts: Any) -> None:
        super().__init__(NoSettings())
        vars(self)["about"] = about(check_id, **facts)  # of this one object; real checks state it in the class

        self._says = says

    def run(self, ctx: Context) -> Iterable[Finding]:
        """Do it."""
        return self._says(ctx)


class Watcher:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def planned(self, total: int) -> None:
        """Remember."""
        self.heard.append(f"planned {total}")

    def started(self, what: About) -> None:
        """Remember."""
        self.heard.append(f"started {what.id}")

    def finished(self, what: About) -> None:
        """Remember."""
        self.heard.append(f"finished {what.id}")


def hang(_ctx: Context) -> Iterable[Finding]:
    """Never come back (for as long as a test could wait)."""
    time.sleep(600)
    return ()
