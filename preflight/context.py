"""What a check may look at: the pins, the compose project, and one door to each outside thing."""

import os
from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from preflight.lib.deadline import Deadline
from preflight.lib.files import show_path
from preflight.lib.lazy import Lazy
from preflight.lib.records import frozen
from preflight.model import Failure, Finding, Json, Location, Stage, Status, Subject
from preflight.project import ComposeProject, Pin

if TYPE_CHECKING:
    from preflight.compose.ask.door import Compose
    from preflight.coolify.door import Coolify
    from preflight.engine.door import Engine
    from preflight.git.door import Git
    from preflight.registry.door import Registry


@frozen
class Options:
    """Choices of the operator that checks heed.

    Args:
        offline: Nothing on the network may be asked.
        stage: Before a rollout, or after it.
        deep: Look closer where that takes more questions, e.g. for every layer of an image.
        trust_root: File with the authorities believed for signatures; None: those that the verifier ships.
        branch: The branch that is deployed, where somebody knows it; empty: its remote's default branch.
        git: False where the operator said that there is no git here (``git: false``).
    """

    offline: bool = False
    stage: Stage = Stage.BEFORE
    deep: bool = False
    trust_root: Path | None = None
    branch: str = ""
    git: bool = True


class Doors:
    """The outside world, one door to each thing; shared by all checks. A door is made when it is first used.

    Args:
        compose: Makes the door to Compose.
        engine: Makes the door to the Docker engine.
        git: Makes the door to git.
        registry: Makes the door to registries.
        coolify: Makes the door to Coolify.
    """

    def __init__(
        self,
        *,
        compose: "Callable[[], Compose]",
        engine: "Callable[[], Engine]",
        git: "Callable[[], Git]",
        registry: "Callable[[], Registry]",
        coolify: "Callable[[], Coolify]",
    ) -> None:
        self._compose, self._engine, self._git = Lazy(compose), Lazy(engine), Lazy(git)
        self._registry, self._coolify = Lazy(registry), Lazy(coolify)

    @property
    def compose(self) -> "Compose":
        """What Compose makes of the project."""
        return self._compose()

    @property
    def engine(self) -> "Engine":
        """The Docker engine."""
        return self._engine()

    @property
    def git(self) -> "Git":
        """The repository around the project."""
        return self._git()

    @property
    def registry(self) -> "Registry":
        """Container registries."""
        return self._registry()

    @property
    def coolify(self) -> "Coolify":
        """Coolify on this host."""
        return self._coolify()


@frozen
class Context:
    """Everything one check may look at.

    Args:
        pins: What to judge; never empty for a check that needs ``Need.PIN``.
        project: How Compose is called.
        doors: The outside world.
        deadline: When this check must have answered; hand it to every door.
        environ: The environment of this process.
        options: The operator's choices.
        cwd: The folder the operator stands in; paths are shown relative to it.
    """

    pins: tuple[Pin, ...]
    project: ComposeProject
    doors: Doors
    deadline: Deadline
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    options: Options = field(default_factory=Options)
    cwd: Path = field(default_factory=Path.cwd)

    def show(self, path: Path) -> str:
        """Return ``path`` as the operator would type it: relative to where they stand if it lies below."""
        return show_path(path, self.cwd)

    def at(self, path: Path, line: int | None = None) -> Location:
        """Return a location in ``path`` as the operator would type it."""
        return Location(self.show(path), line)

    @property
    def before(self) -> bool:
        """Whether this run is asked before a rollout: what runs now is what the rollout will replace."""
        return self.options.stage is Stage.BEFORE

    def found(
        self,
        failure: Failure,
        message: str,
        subject: Subject | None = None,
        /,
        *,
        hint: str = "",
        at: Location | None = None,
        **evidence: Json,
    ) -> Finding:
        """Return a finding of a declared failure, with the status that it has at this stage.

        Args:
            failure: One of the check's ``about.failures``.
            message: One line: what is wrong here.
            subject: What the finding is about.
            hint: One line: what to do here; by default what the failure declares.
            at: The place in a file.
            evidence: Plain data that backs the message; no value of any variable but the pin's.
        """
        status = failure.status(self.options.stage)
        fix = "" if status is Status.PASS else hint or failure.fix
        return Finding(status, message, fix, evidence, at, failure, subject)
