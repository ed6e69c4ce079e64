"""What the tests of a check need: a context, and a way to run the check as ``preflight run`` does. Needs no pytest.

>>> from preflight import About, Check, Context, Failure, Finding, NoSettings, passed
>>> from preflight.testing import fake_context, run_check
>>> UNSET = Failure("unset", "STAGE is not set.", "Set it in the environment.")
>>> class StageName(Check[NoSettings]):
...     about = About(
...         id="stage-name", title="STAGE is set", tags=frozenset(), needs=frozenset(),
...         asks="Is STAGE set?", why="It decides what runs.", failures=(UNSET,),
...     )
...     def run(self, ctx: Context) -> list[Finding]:
...         return [passed("STAGE is set") if "STAGE" in ctx.environ else ctx.found(UNSET, "STAGE is not set")]
>>> [finding] = run_check(StageName(NoSettings()), fake_context())
>>> finding.status, finding.code, finding.message
(<Status.FAIL: 'fail'>, 'unset', 'STAGE is not set')
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from preflight.check import Check
from preflight.context import Context, Doors, Options
from preflight.coolify.settings import CoolifySettings
from preflight.errors import PreflightError
from preflight.lib.deadline import Deadline
from preflight.lib.yamldata import load
from preflight.model import About, Finding
from preflight.project import ComposeProject, Pin
from preflight.run.config import Configuration, build_settings, find_config, read_config
from preflight.run.config.shape import Shape
from preflight.run.runner import PlannedCheck, run_checks
from preflight.run.scene import PROJECT_NEEDS, set_scene
from preflight.run.session import blocked

__all__ = ["configured", "fake_context", "folder_context", "run_check"]

CheckT = TypeVar("CheckT", bound=Check[Any])

_PATIENCE_S = 30.0
"""A check gets this much longer than its own deadline before the runner gives it up, so that a busy machine does not
change what a test sees."""


def fake_context(
    folder: Path = Path("/"),
    *,
    pins: Sequence[Pin] = (),
    project: ComposeProject | None = None,
    compose: object = None,
    engine: object = None,
    git: object = None,
    registry: object = None,
    coolify: object = None,
    environ: Mapping[str, str] | None = None,
    options: Options | None = None,
    seconds: float = 30.0,
) -> Context:
    """Return a context made by hand. Nothing is read or asked.

    Args:
        folder: The working folder of the operator.
        pins: What to judge.
        project: How Compose is called; by default in ``folder``, with all else left to Compose.
        compose: Stands in for this door: any object with the methods that the check calls.
        engine: Likewise.
        git: Likewise.
        registry: Likewise.
        coolify: Likewise.
        environ: The environment that the check sees; by default an empty one.
        options: The operator's choices.
        seconds: What the check has until its deadline.

    A door that is not given raises ``AssertionError`` as soon as the check uses it.
    """
    doors: dict[str, object] = {"compose": compose, "engine": engine, "git": git, "registry": registry}
    opened: dict[str, Any] = {name: _ClosedDoor(name) if door is None else door for name, door in doors.items()}
    opened["coolify"] = coolify or _ClosedDoor("coolify", settings=CoolifySettings())
    return Context(
        pins=tuple(pins),
        project=project or ComposeProject(folder),
        doors=Doors(**{name: partial(_same, door) for name, door in opened.items()}),
        deadline=Deadline.after(seconds),
        environ=dict(environ or {}),
        options=options or Options(),
        cwd=folder,
    )


def folder_context(
    folder: Path, *, environ: Mapping[str, str] | None = None, options: Options | None = None, seconds: float = 60.0
) -> Context:
    """Return the context that ``preflight run`` makes in a folder: pins found or configured there, and real doors.

    Args:
        folder: Holds the compose file, or is in the repository that does; ``preflight.yaml`` counts as usual.
        environ: The environment that the check and all it starts see; by default only this process's ``PATH``.
        options: The operator's choices.
        seconds: What the check has until its deadline.

    Raises:
        ConfigurationError: ``preflight.yaml`` says something that is not understood.
    """
    path = find_config(folder)
    configuration = Configuration(None, folder) if path is None else read_config(path, trusted=False)
    seen = {"PATH": os.environ.get("PATH", os.defpath)} if environ is None else dict(environ)
    choices = options or Options()
    deadline = Deadline.after(seconds)
    scene = set_scene(
        configuration,
        seen,
        PROJECT_NEEDS,
        deadline,
        registry_insecure=frozenset(configuration.options.get("registry_insecure", ())),
        offline=choices.offline,
    )
    return Context(scene.pins, scene.project, scene.doors, deadline, seen, choices, folder)


def configured(check: type[CheckT], settings: str = "") -> CheckT:
    """Return the check with its settings read as ``preflight run`` reads them.

    Args:
        check: The class.
        settings: What stands in ``preflight.yaml`` under ``checks: {ID: …}``, as YAML.

    Raises:
        ConfigurationError: A key that the check has not, or a value that it refuses.
    """
    path = Path("preflight.yaml")
    return check(build_settings(check, Shape(load(settings, path), path, f"checks.{check.about.id}")))


def run_check(check: Check[Any], ctx: Context) -> list[Finding]:
    """Run one check in the runner of ``preflight run``, and return what a report would show.

    Whatever the check raises as ``CouldNotLook``, ``DoesNotApply`` or ``NotLookedAt`` is a finding. The runner's own
    findings are here too: the check yields nothing, yields a failure that it does not declare, needs a pin where there
    is none, or does not run at this stage.

    Args:
        check: With its settings.
        ctx: From ``fake_context`` or ``folder_context``.

    Raises:
        Exception: Anything else that the check raises. ``preflight run`` reports it as a crash, without its text.
    """
    witness = _Witness(check)
    limit = Deadline.after(max(0.0, ctx.deadline.at - Deadline.after(0).at) + _PATIENCE_S)
    instead = blocked(check.about, ctx.pins, ctx.options, {})
    outcome = run_checks(
        [PlannedCheck(witness, () if instead is None else (instead,))],
        lambda _share: ctx,
        jobs=1,
        deadline=limit,
        observer=_Unwatched(),
    )
    if witness.crash is not None:
        raise witness.crash
    return list(outcome.results[0].findings)


def _same(door: Any) -> Any:
    return door


class _ClosedDoor:
    """Stands where a test gave no door: whoever uses it fails the test, in words."""

    def __init__(self, door: str, **known: object) -> None:
        self._door = door
        vars(self).update(known)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise AssertionError(
            f"the check uses doors.{self._door}.{name}, and the test gives no such door: fake_context({self._door}=…)"
        )


class _Witness(Check[Any]):
    """Runs a check and remembers its crash, so that a test shows the author's own traceback."""

    def __init__(self, check: Check[Any]) -> None:
        super().__init__(check.settings)
        vars(self)["about"] = check.about  # of this one object; real checks state it in the class
        self.crash: BaseException | None = None
        self._check = check

    def run(self, ctx: Context) -> Iterable[Finding]:
        try:
            yield from self._check.run(ctx)
        except (PreflightError, GeneratorExit):
            raise
        except BaseException as error:  # raised again
            self.crash = error
            raise


class _Unwatched:
    """Nobody watches."""

    def planned(self, total: int) -> None:
        """Learn how many checks will run."""

    def started(self, about: About) -> None:
        """A check begins."""

    def finished(self, about: About) -> None:
        """A check has answered."""
