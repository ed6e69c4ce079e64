"""The door to Compose: its own answers about one project, each asked for once a run."""

import json
import shlex
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from preflight.compose.ask.answer import ComposeAnswer, parse_answer
from preflight.compose.ask.command_line import project_arguments
from preflight.compose.ask.plugin import plugin_argv
from preflight.compose.ask.refusal import Refusal, read_refusal
from preflight.compose.ask.refused_path import is_written
from preflight.compose.read.files import compose_files, find_files
from preflight.errors import ConfigurationError, CouldNotLook
from preflight.lib.deadline import Deadline
from preflight.lib.once import Once
from preflight.lib.process import Completed, run
from preflight.model import Need
from preflight.project import ComposeProject

if TYPE_CHECKING:
    from preflight.compose.ask.binary import ComposeBinary
    from preflight.compose.read.locate import ComposeSource
    from preflight.lib.yamlfile import ComposeFileProblem

Find = Callable[[Mapping[str, str], Deadline], "tuple[ComposeBinary, ...]"]

_WHAT = "docker compose config"
_MAX_OUTPUT = 24 * 1024 * 1024
"""Bytes of one answer: that about 1,000 services of 20 variables each has 2 MB. Two answers come side by side."""
# What a program needs to run at all; everything else could feed an interpolation.
_BARE_NAMES = ("PATH", "HOME", "DOCKER_CONFIG")
# Go collects garbage less often: 1,000 services take 0.65 s instead of 0.95 s (2.40.3), for memory that is there.
_HASTE = {"GOGC": "400"}
_NOT_INSTALLED = ("is not a docker command", "unknown command: docker compose", "unknown docker command")


class Compose:
    """Asks Compose what it makes of a project. Safe to share between threads.

    Args:
        project: How Compose is called.
        environ: The environment it is called in.
        find: Finds the installed Compose programs, the one that deploys first; by looking around otherwise.
    """

    def __init__(
        self,
        project: ComposeProject,
        environ: Mapping[str, str],
        find: Find | None = None,
    ) -> None:
        self.project = project
        self.environ = dict(environ)
        self._find = find
        self._binaries: Once[tuple[ComposeBinary, ...]] = Once()
        self._answers: Once[ComposeAnswer] = Once()
        self._source: ComposeSource | None = None
        self._strips: Callable[[Deadline], bool] = _never
        self._sources: Once[ComposeSource | ComposeFileProblem] = Once()

    def binaries(self, deadline: Deadline) -> "tuple[ComposeBinary, ...]":
        """Return the Compose programs of this host, the one that deploys first.

        Raises:
            CouldNotLook: They cannot be asked.
        """
        find = self._find or _find_binaries
        return self._binaries.get("binaries", lambda: find(self.environ, deadline), deadline, "docker compose version")

    def adopt(self, source: "ComposeSource | None") -> None:
        """Take over the compose files that somebody has read meanwhile."""
        self._source = self._source or source

    def follow_coolify(self, strips: Callable[[Deadline], bool]) -> None:
        """Leave keys of Coolify's own out where it does; ``strips`` is asked only when Compose refuses one."""
        self._strips = strips

    def prepare(self, deadline: Deadline) -> None:
        """Begin to ask what every judgement of a project needs; whoever asks the same later shares the answer."""
        questions: tuple[Callable[[], object], ...] = (
            lambda: self.config(deadline),
            lambda: self.config(deadline, interpolate=False),
            lambda: self.binaries(deadline),
        )
        for question in questions:
            threading.Thread(target=_ask_quietly, args=(question,), daemon=True).start()

    def source(self, deadline: Deadline) -> "ComposeSource":
        """Return the compose files as read by ourselves, to say file and line; read once a run.

        Raises:
            CouldNotLook: There are none, or one cannot be read (``ComposeFileProblem``, with path and line).
            DeadlineExceeded: It took too long.
        """
        if self._source is not None:
            return self._source
        from preflight.compose.read.locate import read_source  # reads YAML, which not every run needs
        from preflight.lib.yamlfile import ComposeFileProblem

        found = self._sources.get(
            "source", lambda: read_source(self.project, self.environ), deadline, "reading the compose files"
        )
        if isinstance(found, ComposeFileProblem):
            raise found.again()
        return found

    def config(
        self,
        deadline: Deadline,
        *,
        without: frozenset[str] = frozenset(),
        setting: tuple[tuple[str, str], ...] = (),
        interpolate: bool = True,
        override: str | None = None,
        every_profile: bool = False,
    ) -> ComposeAnswer:
        """Return ``config --format json`` of the whole project.

        All services are asked for at once: naming one makes Compose slower (2.40.3, 1,000 services: 4.2 s
        instead of 1.5 s).

        Args:
            deadline: When the answer must be there.
            without: Names taken out of the environment.
            setting: Names and values put into the environment.
            interpolate: ``False`` leaves every ``${…}`` as it is written.
            override: YAML laid over the project as one more file.
            every_profile: Switch every profile on.

        Raises:
            CouldNotLook: There is no Compose, or it cannot be understood.
            DeadlineExceeded: It took too long.
        """
        words = ["--profile", "*"] if every_profile else []
        words += ["config", *([] if interpolate else ["--no-interpolate"]), "--format", "json"]
        environ = {name: value for name, value in self.environ.items() if name not in without}
        environ.update(setting)

        def ask(options: list[str]) -> ComposeAnswer:
            return self._ask([*options, *words], environ, override, interpolate=interpolate, deadline=deadline)

        key = (tuple(words), without, setting, override)
        answer = self._answers.get(key, lambda: ask(self._options(override)), deadline, _WHAT)
        if answer.refusal is None or not answer.refusal.coolify or not self._strips(deadline):
            return answer
        return self._answers.get(("stripped", *key), lambda: self._stripped(ask, answer, override), deadline, _WHAT)

    def enabled(self, deadline: Deadline) -> frozenset[str]:
        """Return the names of the services whose profiles are on.

        Only for releases whose ``config`` shows all services (2.24.7); the others tell by leaving them out.

        Raises:
            CouldNotLook: Compose refuses the project, or cannot be asked.
        """
        done = self._run([*project_arguments(self.project), "config", "--services"], self.environ, None, deadline)
        if done.exit_code:
            raise CouldNotLook(self._refusal(done.error_text, done.exit_code).message, self.command("config"))
        return frozenset(done.text.split())

    def standalone(
        self,
        deadline: Deadline,
        document: str,
        *,
        env_files: tuple[Path, ...] = (),
        setting: tuple[tuple[str, str], ...] = (),
    ) -> ComposeAnswer:
        """Return ``config --format json`` of a project of its own, apart from everything around it.

        Neither the environment nor ``.env`` reaches it.

        Args:
            deadline: When the answer must be there.
            document: The compose file; its paths must be absolute.
            env_files: For ``--env-file``; none at all otherwise.
            setting: The environment.

        Raises:
            CouldNotLook: There is no Compose, or it cannot be understood.
            DeadlineExceeded: It took too long.
        """
        arguments = ["-f", "-", "--project-directory", "/"]
        for path in env_files or (Path("/dev/null"),):
            arguments += ["--env-file", str(path)]
        arguments += ["config", "--format", "json"]
        environ = {name: self.environ[name] for name in _BARE_NAMES if name in self.environ}
        environ.update(setting)
        key = (tuple(arguments), setting, document)
        return self._answers.get(
            key,
            lambda: self._ask(arguments, environ, document, interpolate=True, deadline=deadline),
            deadline,
            _WHAT,
        )

    def command(self, *words: str) -> str:
        """Return the command line an operator types to ask Compose themselves, from the project's folder."""
        return shlex.join(["docker", "compose", *project_arguments(self.project), *words])

    def _options(self, override: str | None) -> list[str]:
        if override is None:
            return project_arguments(self.project)
        files = compose_files(self.project, self.environ)
        if not files:
            raise CouldNotLook("there is no compose file here", "Name it with `compose: {files: […]}`.")
        return project_arguments(self.project, [*files, "-"])

    def _stripped(
        self, ask: Callable[[list[str]], ComposeAnswer], refused: ComposeAnswer, override: str | None
    ) -> ComposeAnswer:
        """Ask about copies of the compose files as Coolify hands them to Compose."""
        from preflight.compose.ask.coolify_keys import copies_without_own_keys

        found = find_files(self.project, self.environ)
        project = replace(self.project, project_directory=found.folder)
        try:
            with copies_without_own_keys(found.files) as copies:
                last = [] if override is None else ["-"]
                return replace(ask(project_arguments(project, [*copies, *last])), stripped=True)
        except ConfigurationError:  # no YAML to our reader: what Compose said stands
            return refused

    def _ask(
        self,
        arguments: list[str],
        environ: Mapping[str, str],
        stdin: str | None,
        *,
        interpolate: bool,
        deadline: Deadline,
    ) -> ComposeAnswer:
        done = self._run(arguments, environ, stdin, deadline)
        if done.exit_code:
            return ComposeAnswer(done.exit_code, {}, self._refusal(done.error_text, done.exit_code))
        try:
            data = json.loads(done.stdout)
        except (ValueError, RecursionError) as error:
            raise CouldNotLook("Compose's answer is no JSON", f"Run `{self.command('config')}` to see it.") from error
        return parse_answer(data, interpolated=interpolate)

    def _run(
        self, arguments: list[str], environ: Mapping[str, str], stdin: str | None, deadline: Deadline
    ) -> Completed:
        argv = [*self._argv(deadline), *arguments]
        done = run(
            argv,
            deadline=deadline,
            env={**_HASTE, **environ},
            cwd=self.project.base,
            stdin=(stdin or "").encode(),
            max_output=_MAX_OUTPUT,
        )
        if done.exit_code < 0:
            raise CouldNotLook(f"{_WHAT} was killed by signal {-done.exit_code}", "Look for lack of memory.")
        return done

    def _argv(self, deadline: Deadline) -> tuple[str, ...]:
        if self._find is None and (seen := plugin_argv(self.environ)):
            return seen
        binaries = self.binaries(deadline)
        if not binaries:
            raise CouldNotLook(
                "Docker Compose is not installed", "Install the Docker Compose plugin.", need=Need.COMPOSE
            )
        if binaries[0].kind == "v1":
            raise CouldNotLook(
                f"{binaries[0].command} is Compose v1, whose `config` cannot print JSON",
                "Install the Docker Compose plugin.",
                need=Need.COMPOSE,
            )
        return binaries[0].argv

    def _refusal(self, stderr: str, exit_code: int) -> Refusal:
        if any(words in stderr for words in _NOT_INSTALLED):
            raise CouldNotLook(
                "Docker Compose is not installed", "Install the Docker Compose plugin.", need=Need.COMPOSE
            )
        refusal = read_refusal(stderr, exit_code, self.command("config", "--quiet"), self.project.base)
        if refusal.path is None or is_written(refusal.path, self.project, self.environ):
            return refusal
        return replace(refusal, path=None, line=None)


def _never(_: Deadline) -> bool:
    return False


def _ask_quietly(question: Callable[[], object]) -> None:
    with suppress(CouldNotLook):  # whoever asks the same later is told
        question()


def _find_binaries(environ: Mapping[str, str], deadline: Deadline) -> "tuple[ComposeBinary, ...]":
    from preflight.compose.ask.binary import find_binaries

    return find_binaries(environ, deadline)
