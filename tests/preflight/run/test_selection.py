"""preflight/run/selection.py"""

import pytest

from preflight.check import Check, NoSettings
from preflight.context import Context
from preflight.errors import ConfigurationError
from preflight.model import Finding
from preflight.run.contract import CheckClass
from preflight.run.discovery import BrokenModule, Discovered
from preflight.run.selection import select
from tests.fakes.checks import about


def check_class(check_id: str, *tags: str) -> CheckClass:
    """Make a check class."""

    class Made(Check[NoSettings]):
        def run(self, _ctx: Context) -> list[Finding]:
            return []

    Made.about = about(check_id, tags=frozenset(tags))
    return Made


ALL = (check_class("env-shadowing", "compose"), check_class("pin-file", "git"), check_class("retention", "git", "net"))
FOUND = Discovered(ALL, (), ("env-shadowing", "pin-file", "retention"))
BROKEN = Discovered(ALL, (BrokenModule("acme.broken", "ImportError at acme/broken.py:1"),), (*FOUND.ids, "broken"))


def chosen(**options: list[str]) -> list[str]:
    """Return the ids that are left."""
    return [check.about.id for check in select(FOUND, **options)]


def test_only_skip_and_tags_narrow_the_choice() -> None:
    """All three together, in the order of the checks."""
    assert chosen() == ["env-shadowing", "pin-file", "retention"]
    assert chosen(only=["retention", "pin-file"]) == ["pin-file", "retention"]
    assert chosen(skip=["pin-file"]) == ["env-shadowing", "retention"]
    assert chosen(tags=["git", "compose"], skip=["retention"]) == ["env-shadowing", "pin-file"]


def test_unknown_names_are_errors_with_the_nearest_valid_one() -> None:
    """A misspelt --skip must not run what was to be left out, nor --only leave out what was to be run."""
    for options, message in (
        ({"only": ["pin-fil"]}, "--only: no such check: pin-fil, did you mean pin-file?"),
        ({"skip": ["x"]}, "--skip: no such check: x"),
        ({"tags": ["gti"]}, "--tag: no such tag: gti, did you mean git?"),
    ):
        with pytest.raises(ConfigurationError) as caught:
            chosen(**options)
        assert caught.value.message == message


def test_nothing_left_is_an_error() -> None:
    """An empty run is not a pass."""
    with pytest.raises(ConfigurationError, match="no check is left to run"):
        chosen(only=["pin-file"], skip=["pin-file"])


def test_an_unknown_id_may_be_in_a_module_that_does_not_load() -> None:
    """So those are named."""
    with pytest.raises(ConfigurationError) as caught:
        select(BROKEN, only=["acme"])

    assert caught.value.hint == "See `preflight list`. acme.broken does not load: ImportError at acme/broken.py:1."


def test_a_check_that_does_not_load_leaves_nothing_to_run() -> None:
    """That is no mistake of whoever asked for it: the report says what does not load."""
    assert select(BROKEN, only=["broken"]) == ()
    with pytest.raises(ConfigurationError, match="no check is left to run"):
        select(BROKEN, only=["broken"], tags=["git"])
