"""preflight/run/selection.py"""

import pytest

from preflight.check import Check, NoSettings
from preflight.context import Context
from preflight.errors import ConfigurationError
from preflight.model import Finding
from preflight.run.discovery import CheckClass
from preflight.run.selection import select
from tests.fakes.checks import about


def check_class(check_id: str, *tags: str) -> CheckClass:
    """Make a check class."""

    class Made(Check[NoSettings]):
        def run(self, ctx: Context) -> list[Finding]:  # noqa: ARG002 -- it is never run
            return []

    Made.about = about(check_id, tags=frozenset(tags))
    return Made


ALL = (check_class("env-shadowing", "compose"), check_class("pin-file", "git"), check_class("retention", "git", "net"))


def chosen(**options: list[str]) -> list[str]:
    """Return the ids that are left."""
    return [check.about.id for check in select(ALL, **options)]


def test_only_skip_and_tags_narrow_the_choice() -> None:
    """All three together, in the order of the checks."""
    assert chosen() == ["env-shadowing", "pin-file", "retention"]
    assert chosen(only=["retention", "pin-file"]) == ["pin-file", "retention"]
    assert chosen(skip=["pin-file"]) == ["env-shadowing", "retention"]
    assert chosen(tags=["git", "compose"], skip=["retention"]) == ["env-shadowing", "pin-file"]


def test_unknown_names_are_errors_with_the_nearest_valid_one() -> None:
    """A misspelt --skip must not run what was to be left out, nor --only leave out what was to be run."""
    for options, message in (
        ({"only": ["pin-fil"]}, "--only pin-fil: no such check, did you mean pin-file?"),
        ({"skip": ["x"]}, "--skip x: no such check"),
        ({"tags": ["gti"]}, "--tag gti: no such tag, did you mean git?"),
    ):
        with pytest.raises(ConfigurationError) as caught:
            chosen(**options)
        assert caught.value.message == message


def test_nothing_left_is_an_error() -> None:
    """An empty run is not a pass."""
    with pytest.raises(ConfigurationError, match="no check is left to run"):
        chosen(only=["pin-file"], skip=["pin-file"])
