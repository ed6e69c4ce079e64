"""The questions that show what feeds one service: what it gets, what is declared, what the pin file says.

Compose says three things side by side: the effective environment (*A*), the same without interpolation, which
keeps ``environment:`` and ``env_file:`` apart (*D*), and, unless there is only one way to read it, the pin file all by
itself (*P*). Where D is not to be
had (old releases merge there too; ``extends`` with ``${…}`` in its path is refused), it is asked what is left
when the service's ``env_file:`` is taken away (*B*), and the compose files are read for the list.

Measured: up to 2.24.6 D merges the env files; 2.24.7 does not merge them in A either, leaves a bare
``VAR:`` out unless the shell sets it, and shows services whose profile is off; from 2.29.7 on all is as said above.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from preflight.compose.ask.answer import ComposeAnswer, EnvFileItem, Environment, ServiceAnswer
from preflight.compose.ask.door import Compose
from preflight.envfile import MAX_BYTES
from preflight.envfile.plain import read_plain
from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from preflight.lib.files import read_bytes, same_file
from preflight.lib.parallel import together
from preflight.lib.records import frozen

_ALONE = "pin"
_SENTINEL = "preflight-sentinel"


@frozen
class Declared:
    """What feeds one service.

    Args:
        environment: ``environment:`` alone; values as written, or interpolated where Compose did so; ``None``
            when Compose did not tell.
        env_files: ``env_file:`` in order; ``None`` when Compose did not tell.
    """

    environment: Environment | None
    env_files: tuple[EnvFileItem, ...] | None


@frozen
class Asked:
    """The answers about one variable of one service.

    Args:
        effective: All services as they will be (*A*).
        declared: What feeds the service (*D* or *B*); ``None`` when Compose refuses or has no such service.
        own: What the pin file alone gives the variable (*P*); ``None`` when nothing.
    """

    effective: ComposeAnswer
    declared: Declared | None
    own: str | None


def ask_about(compose: Compose, service: str, variable: str, file: Path, deadline: Deadline) -> Asked:
    """Put all questions about ``variable`` of ``service``, side by side.

    Args:
        compose: The door.
        service: The name of the service.
        variable: The name of its variable.
        file: The env file that should feed it.
        deadline: For all of it.

    Raises:
        CouldNotLook: Compose cannot be asked.
    """
    answers = together(
        [
            lambda: compose.config(deadline),
            lambda: compose.config(deadline, interpolate=False),
            lambda: _alone(compose, file, deadline, raw=False),
        ],
        deadline,
        "docker compose config",
    )
    effective, plain, alone = (_or_raise(answer) for answer in answers)
    own = _value(alone, variable)
    wanted = effective.services.get(service)
    if wanted is None:
        return Asked(effective, None, own)
    if wanted.env_files is None:
        declared = _declared(compose, wanted, variable, plain.services.get(service), deadline)
    elif service in compose.enabled(deadline):
        declared = _unmerged(compose, wanted, variable, deadline)
    else:
        return Asked(effective, None, own)
    if wanted.env_files is not None:
        own = _value(_handed_over(compose, variable, file, deadline), variable)
    elif _is_raw(compose, service, declared, file, deadline):
        own = _value(_alone(compose, file, deadline, raw=True), variable)
    return Asked(effective, declared, own)


def interpolated(compose: Compose, service: str, texts: Mapping[str, str], deadline: Deadline) -> Mapping[str, str]:
    """Return ``texts`` (names to text with ``${…}``) as Compose interpolates them in this project.

    Raises:
        CouldNotLook: Compose does not answer.
    """
    environment = {f"PREFLIGHT_{name}": text for name, text in texts.items()}
    override = json.dumps({"services": {service: {"environment": environment}}})
    answer = compose.config(deadline, override=override).services.get(service)
    if answer is None:
        raise CouldNotLook("Compose does not say how it interpolates", _hint(compose))
    return {name: answer.environment.get(f"PREFLIGHT_{name}") or "" for name in texts}


def _alone(compose: Compose, file: Path, deadline: Deadline, *, raw: bool) -> ComposeAnswer:
    """Return a project of one service that knows nothing but the env file."""
    if not file.is_file():
        return ComposeAnswer(0, {})
    plain = _plain(file)
    if plain is not None:
        return ComposeAnswer(0, {_ALONE: ServiceAnswer(_ALONE, plain, None, {})})
    path = str(file).replace("$", "$$")
    entry: object = {"path": path, "format": "raw"} if raw else path  # the short form is known to all releases
    return compose.standalone(deadline, _document({"env_file": [entry]}))


def _plain(file: Path) -> Mapping[str, str] | None:
    """Return what a file sets that needs no interpreter; ``None`` leaves it to Compose, also what is wrong with it."""
    try:
        return read_plain(read_bytes(file, limit=MAX_BYTES, what="the env file").decode("ascii"))
    except (CouldNotLook, UnicodeDecodeError):
        return None


def _handed_over(compose: Compose, variable: str, file: Path, deadline: Deadline) -> ComposeAnswer:
    """Return the same for a release that does not merge: the file goes in as ``--env-file``, to the same reader."""
    if not file.is_file():
        return ComposeAnswer(0, {})
    return compose.standalone(deadline, _document({"environment": [variable]}), env_files=(file,))


def _document(service: dict[str, object]) -> str:
    return json.dumps({"name": "preflight", "services": {_ALONE: {"image": "pin", **service}}})


def _value(alone: ComposeAnswer, variable: str) -> str | None:
    service = alone.services.get(_ALONE)
    return None if service is None else service.environment.get(variable)


def _is_raw(compose: Compose, service: str, declared: Declared, file: Path, deadline: Deadline) -> bool:
    """Whether the pin file is read as raw; the compose files tell where Compose does not, or interpolates the word.

    Of several listings of the file, the last that Compose keeps counts.
    """
    items = declared.env_files
    formats = [item.format for item in items or () if item.file == file]
    if items is not None and not any("$" in item.format or item.is_open for item in items):
        return formats[-1:] == ["raw"]
    try:
        source = compose.source(deadline)
        entries = source.env_file_entries(service)
    except CouldNotLook:
        return "raw" in formats
    kept = {each.now or place: each for place, each in enumerate(entries)}.values()
    same = [each for each in kept if (path := source.path_now(each)) is not None and same_file(path, file)]
    return bool(same) and source.is_raw(same[-1])


def _or_raise(answer: ComposeAnswer | CouldNotLook) -> ComposeAnswer:
    if isinstance(answer, CouldNotLook):
        raise answer
    return answer


def _hint(compose: Compose) -> str:
    return f"Run `{compose.command('config')}` and look at the service."


def _declared(
    compose: Compose, wanted: ServiceAnswer, variable: str, plain: ServiceAnswer | None, deadline: Deadline
) -> Declared:
    if plain is not None and not any("$" in name for name in plain.environment):
        if plain.env_files is not None:
            return Declared(plain.environment, plain.env_files)
        if variable not in plain.environment and variable not in wanted.environment:
            return Declared(plain.environment, None)
    override = f"services: {{{json.dumps(wanted.name)}: {{env_file: !reset []}}}}"
    bare = compose.config(deadline, override=override).services.get(wanted.name)
    # None: 2.24.1 refuses a second file for a service that comes through `include:`
    return Declared(None if bare is None else bare.environment, None if plain is None else plain.env_files)


def _unmerged(compose: Compose, wanted: ServiceAnswer, variable: str, deadline: Deadline) -> Declared:
    """Set the variable to make a bare ``VAR:`` show; see the module's head."""
    shell = compose.environ.get(variable) or _SENTINEL
    answer = compose.config(deadline, setting=((variable, shell),), interpolate=False)
    plain = answer.services.get(wanted.name)
    if plain is None or any("$" in name for name in plain.environment):
        plain = compose.config(deadline, setting=((variable, shell),)).services.get(wanted.name, wanted)
        return Declared(plain.environment, wanted.env_files)
    # interpolation has happened in A only: there the paths are those that are read
    return Declared(plain.environment, plain.env_files)
