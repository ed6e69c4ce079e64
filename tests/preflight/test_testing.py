"""preflight/testing.py"""

import doctest
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import preflight.testing
from preflight.check import Check, NoSettings, could_not_look, passed, skipped
from preflight.context import Context, Options
from preflight.errors import ConfigurationError, CouldNotLook, DoesNotApply
from preflight.model import Finding, Location, Need, Status
from preflight.project import ComposeProject, Pin
from preflight.testing import configured, fake_context, folder_context, run_check
from tests.fakes.checks import Saying, about
from tests.real.git import GitRepository

PIN = Pin("APP_IMAGE", "app", Path("/srv/app/pin.env"))
COMPOSE = "services:\n  app:\n    image: x\n    env_file: [app-image-pin.env]\n"


def test_the_example_in_its_docstring_is_true() -> None:
    """It is the first thing that an author pastes."""
    assert doctest.testmod(preflight.testing) == (0, 6)


def test_a_context_made_by_hand_reads_nothing() -> None:
    """No environment, no pin, and the project in the folder, until a test says otherwise."""
    ctx = fake_context(Path("/srv/app"))

    assert (ctx.pins, ctx.project, dict(ctx.environ)) == ((), ComposeProject(Path("/srv/app")), {})
    assert ctx.at(Path("/srv/app/pin.env"), 3) == Location("pin.env", 3)


def test_a_door_that_a_test_does_not_give_fails_the_test() -> None:
    """A check that asks more than its test expects must not become an `error` that looks like a verdict."""
    check = Saying("a", lambda ctx: [passed(str(ctx.doors.git.remote_url(ctx.deadline)))])

    with pytest.raises(AssertionError, match=r"doors\.git\.remote_url, and the test gives no such door"):
        run_check(check, fake_context())


def test_a_given_door_is_the_one_that_the_check_sees() -> None:
    """Any object with the methods that the check calls."""
    given = object()

    assert fake_context(registry=given).doors.registry is given


def test_coolify_s_settings_are_there_without_its_door() -> None:
    """Many checks look at them first."""
    assert fake_context().doors.coolify.settings.pin_in == "file"


def test_what_a_check_raises_on_purpose_is_a_finding() -> None:
    """As in a real run."""

    def raising(error: Exception) -> list[Finding]:
        def run(_ctx: Context) -> Iterable[Finding]:
            raise error

        return run_check(Saying("a", run), fake_context())

    assert raising(CouldNotLook("no answer", "Ask again.")) == [could_not_look("no answer", hint="Ask again.")]
    assert raising(DoesNotApply("no Coolify")) == [skipped("no Coolify")]


def test_a_crash_reaches_the_test() -> None:
    """With the author's own traceback, also after findings."""

    def crash(_ctx: Context) -> Iterable[Finding]:
        yield passed("seen")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_check(Saying("a", crash), fake_context())


def test_a_finding_that_no_report_can_show_is_an_error() -> None:
    """The runner's own rules hold: here for a check that says nothing, and one that says no finding."""
    [silent] = run_check(Saying("a", lambda _: []), fake_context())
    said: Any = ["yes"]
    [odd] = run_check(Saying("a", lambda _: said), fake_context())

    assert (silent.status, silent.message) == (Status.ERROR, "the check said nothing")
    assert odd.status is Status.ERROR


def test_needs_are_heeded() -> None:
    """Without a pin, or offline, a check that needs more does not run."""
    pin = Saying("a", lambda _: [passed("ran")], needs=frozenset({Need.PIN}))
    network = Saying("b", lambda _: [passed("ran")], needs=frozenset({Need.NETWORK}))

    assert run_check(pin, fake_context())[0].status is Status.ERROR
    assert run_check(pin, fake_context(pins=[PIN])) == [passed("ran")]
    assert run_check(network, fake_context(options=Options(offline=True)))[0].status is Status.SKIP


def test_a_check_sees_its_context_also_after_its_deadline() -> None:
    """A test of a deadline that has passed is answered by the check, not by the runner."""
    check = Saying("a", lambda ctx: [passed(f"{ctx.deadline.expired}")])

    assert run_check(check, fake_context(seconds=0)) == [passed("True")]


@dataclass(frozen=True)
class Limit:
    """Settings of a made-up check."""

    at_most: int = 3

    def __post_init__(self) -> None:
        if self.at_most < 0:
            raise ValueError("at_most must not be negative")


class Limited(Check[Limit]):
    """A made-up check with settings."""

    about = about("limited")
    settings_type = Limit

    def run(self, _ctx: Context) -> Iterable[Finding]:
        """Tell the setting."""
        return [passed(f"{self.settings.at_most}")]


def test_settings_are_read_as_from_the_configuration() -> None:
    """What an operator writes is what the check gets, and what is wrong is named as an operator reads it."""
    assert run_check(configured(Limited), fake_context()) == [passed("3")]
    assert run_check(configured(Limited, "at_most: 5"), fake_context()) == [passed("5")]
    for text, words in (
        ("at_last: 5", "unknown key at_last in checks.limited, did you mean at_most?"),
        ("at_most: five", "checks.limited.at_most must be a whole number"),
        ("at_most: -1", "checks.limited: at_most must not be negative"),
    ):
        with pytest.raises(ConfigurationError) as caught:
            configured(Limited, text)
        assert words in caught.value.message


def test_a_folder_is_looked_at_as_a_run_does(git_repository: GitRepository) -> None:
    """The pin is found, the doors are real, and the configuration counts."""
    pinned = f"APP_IMAGE=ghcr.io/acme/app@sha256:{'a' * 64}\n"
    git_repository.commit({"compose.yaml": COMPOSE, "app-image-pin.env": pinned})
    folder = git_repository.path

    ctx = folder_context(folder)

    assert ctx.pins == (Pin("APP_IMAGE", "app", folder / "app-image-pin.env"),)
    assert ctx.doors.git.root(ctx.deadline) == folder
    assert set(ctx.environ) == {"PATH"}

    git_repository.commit({"preflight.yaml": "compose: {files: [compose.yaml], profiles: [blue]}\n"})
    assert folder_context(folder).project.profiles == ("blue",)

    git_repository.write({"preflight.yaml": "pin: []\n"})
    with pytest.raises(ConfigurationError, match="unknown key pin, did you mean pins"):
        folder_context(folder)


def test_a_folder_without_a_project_has_no_pin(tmp_path: Path) -> None:
    """A check that needs none can be run all the same."""
    ctx = folder_context(tmp_path, environ={"A": "b"})

    assert ctx.pins == ()
    assert run_check(Saying("a", lambda ctx: [passed(ctx.environ["A"])]), ctx) == [passed("b")]
    assert run_check(Saying("a", lambda _: [], needs=frozenset({Need.PIN})), ctx)[0].status is Status.ERROR


def test_a_check_without_settings_is_made_without() -> None:
    """Nothing to configure."""

    class Plain(Check[NoSettings]):
        about = about("plain")

        def run(self, _ctx: Context) -> Iterable[Finding]:
            return [passed("ok")]

    assert run_check(configured(Plain), fake_context()) == [passed("ok")]
