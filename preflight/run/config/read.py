"""Read ``preflight.yaml``."""

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any

from preflight.coolify.settings import CoolifySettings
from preflight.errors import ConfigurationError, CouldNotLook
from preflight.http.address import is_loopback
from preflight.lib.files import read_text
from preflight.lib.records import frozen
from preflight.lib.regex import regex
from preflight.lib.yamldata import load
from preflight.model import Location, Waiver
from preflight.project import ComposeProject, Pin
from preflight.run.config.mistakes import Mistakes
from preflight.run.config.outputs import is_stream, why_not_written
from preflight.run.config.shape import Shape, problem

MAX_SIZE = 1024 * 1024
"""Bytes accepted of a configuration."""

OPTIONS: Mapping[str, Callable[[Shape], Any]] = {
    "only": Shape.texts,
    "skip": Shape.texts,
    "tag": Shape.texts,
    "format": Shape.text,
    "output": Shape.texts,
    "timeout": Shape.duration,
    "jobs": Shape.whole_number,
    "strict": Shape.boolean,
    "offline": Shape.boolean,
    "stage": Shape.text,
    "git": Shape.boolean,
    "deep": Shape.boolean,
    "quiet": Shape.boolean,
    "verbose": Shape.boolean,
    "color": Shape.text,
    "checks_dir": Shape.text,
    "record": Shape.boolean,
    "history": Shape.text,
    "on_change": Shape.boolean,
    "remind": Shape.duration,
}
"""Options of ``preflight run`` that the configuration may set, by the names they have there."""

TRUSTED = {
    "record": "have runs recorded",
    "history": "say where runs are recorded",
    "on_change": "have results not printed",
    "remind": "have results not printed",
}
"""Options that only a configuration may set which the operator named, and what it would do with them: a checkout must
not choose what is kept of its runs, nor where."""

_LONGEST_MESSAGE = 2000
_PLACEHOLDER = regex(r"\{\w{1,40}\}")
_SECTIONS = ("pins", "compose", "registry", "coolify", "checks", "waivers", "notify")
_COOLIFY = ("application", "root", "url", "token_file", "ca_file", "pin_in")
_COOLIFY_TRUSTED = ("url", "token_file", "ca_file")


@frozen
class Configuration:
    """What ``preflight.yaml`` says.

    Args:
        path: The file; ``None`` when there is none.
        base: The folder its relative paths are relative to; without a file, the working folder.
        pins: What to judge; empty leaves it to looking.
        project: How Compose is called; ``None`` leaves it to looking.
        checks: The settings of each check, by id, not yet validated: each check knows its own.
        waivers: Accepted failures.
        trust_root: Authorities believed for signatures (``registry.trust_root``); ``None``: the verifier's own.
        options: Values for options of ``preflight run``, by parameter name.
        where: File, line and name of each of them, to begin a message with.
        coolify: What it says of Coolify.
        notify: Whom a recorded run is told to, not yet validated; empty unless the operator named the file.
    """

    path: Path | None
    base: Path
    pins: tuple[Pin, ...] = ()
    project: ComposeProject | None = None
    checks: Mapping[str, Shape] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    trust_root: Path | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    where: Mapping[str, str] = field(default_factory=dict)
    coolify: CoolifySettings = field(default_factory=CoolifySettings)
    notify: tuple[Shape, ...] = ()


def read_config(path: Path, *, trusted: bool) -> Configuration:
    """Read and validate a configuration.

    Args:
        path: The file.
        trusted: The operator named it. One that was merely found in a checkout may name no code to run, no file to
            write but a new one or an old report in its own folder, and no registry to ask in plain HTTP.

    Raises:
        ConfigurationError: It cannot be read, or says something that is not understood; with the line.
    """
    base = path.parent.absolute()
    try:
        text = read_text(path, limit=MAX_SIZE, what="the configuration")
    except CouldNotLook as error:
        raise ConfigurationError(error.message, error.hint) from error
    mistakes = Mistakes()
    read = mistakes.read
    top = Shape(load(text, path), path, "", mistakes).mapping((*_SECTIONS, *OPTIONS))
    options = _options(top, base, mistakes, trusted=trusted)
    pins = tuple(pin for item in _items(top, "pins", mistakes) if (pin := read(_pin, item, base)))
    project = read(_project, top["compose"], base) if "compose" in top else None
    if "output" in top:
        forbidden = None if trusted else (path, *_files(pins, project))
        outputs = [read(_output, item, base, forbidden) for item in _items(top, "output", mistakes)]
        options["output"] = tuple(filter(None, outputs))
    shapes = {name: top[name] for name in options}
    registry = (read(top["registry"].mapping, ("insecure", "trust_root")) if "registry" in top else None) or {}
    if "insecure" in registry:
        shapes["registry_insecure"] = registry["insecure"]
        options["registry_insecure"] = read(_insecure, registry["insecure"], trusted=trusted) or ()
    coolify = read(_coolify, top["coolify"], base, trusted=trusted) if "coolify" in top else None
    configuration = Configuration(
        path=path,
        base=base,
        pins=pins,
        project=project,
        checks=_checks(top["checks"], mistakes) if "checks" in top else {},
        waivers=_waivers(_items(top, "waivers", mistakes), mistakes),
        trust_root=read(registry["trust_root"].file, base) if "trust_root" in registry else None,
        options=options,
        where={name: f"{path}:{shape.located.line}: {shape.name}" for name, shape in shapes.items()},
        coolify=coolify or CoolifySettings(),
        notify=_notify(top, mistakes, trusted=trusted),
    )
    mistakes.raise_all()
    return configuration


def _checks(shape: Shape, mistakes: Mistakes) -> dict[str, Shape]:
    """Return the settings of each check, which the check itself judges later: its mistakes are raised there."""
    entries = mistakes.read(shape.mapping) or {}
    return {check: Shape(each.located, each.path, each.name) for check, each in entries.items()}


def _items(top: Mapping[str, Shape], name: str, mistakes: Mistakes) -> list[Shape]:
    return (mistakes.read(top[name].items) if name in top else None) or []


def _options(top: Mapping[str, Shape], base: Path, mistakes: Mistakes, *, trusted: bool) -> dict[str, Any]:
    options = {name: mistakes.read(reader, top[name]) for name, reader in OPTIONS.items() if name in top}
    if "checks_dir" in options:
        options["checks_dir"] = tuple(
            filter(None, [mistakes.read(_checks_dir, top["checks_dir"], base, trusted=trusted)])
        )
    if "history" in top:
        options["history"] = mistakes.read(top["history"].file, base)
    if not trusted:
        for name in top.keys() & TRUSTED.keys():
            mistakes.note(_not_trusted(top[name], name))
    return options


def _notify(top: Mapping[str, Shape], mistakes: Mistakes, *, trusted: bool) -> tuple[Shape, ...]:
    """Return the targets, which preflight/notify judges: its mistakes are raised there."""
    if "notify" in top and not trusted:
        what = "a configuration that was merely found may not say whom preflight tells of its runs (notify)"
        mistakes.note(problem(top["notify"].path, top["notify"].located.line, what, "Name the file with --config."))
        return ()
    return tuple(Shape(each.located, each.path, each.name) for each in _items(top, "notify", mistakes))


def _not_trusted(shape: Shape, name: str) -> ConfigurationError:
    return problem(
        shape.path,
        shape.located.line,
        f"a configuration that was merely found may not {TRUSTED[name]} ({name})",
        f"Name the file with --config, or use --{name.replace('_', '-')} or PREFLIGHT_{name.upper()}.",
    )


def _checks_dir(shape: Shape, base: Path, *, trusted: bool) -> str:
    if not trusted:
        raise problem(
            shape.path,
            shape.located.line,
            "a configuration that was merely found may not name code to run (checks_dir)",
            "Name the file with --config, or the folder with --checks-dir.",
        )
    return str(shape.file(base))


def _files(pins: tuple[Pin, ...], project: ComposeProject | None) -> tuple[Path, ...]:
    """Return every file that the configuration says is read."""
    of_pins = (file for pin in pins for file in (pin.file, *pin.overrides))
    return (*of_pins, *(() if project is None else (*project.files, *project.env_files)))


def _insecure(shape: Shape, *, trusted: bool) -> tuple[str, ...]:
    """Docker's login for a registry is sent to it, so who names one to be asked in plain HTTP gives it away."""
    for item in shape.items():
        if not trusted and not is_loopback(item.text()):
            raise problem(
                item.path,
                item.located.line,
                "a configuration that was merely found may have no other host asked in plain HTTP (registry.insecure)",
                "Name the file with --config, or the registry with --registry-insecure.",
            )
    return shape.texts()


def _output(shape: Shape, base: Path, read: Collection[Path] | None) -> str:
    """Return ``FORMAT=FILE`` with the file against the configuration's folder; ``read`` is None for a trusted one."""
    name, separator, file = shape.text().partition("=")
    if not separator or not file:
        raise shape.wrong("FORMAT=FILE")
    if is_stream(file):
        raise shape.wrong("FORMAT=FILE with a regular file; `format` chooses what goes to standard output")
    target = base / file
    if read is not None and (why := why_not_written(target, base, read, os.environ)):
        raise problem(
            shape.path,
            shape.located.line,
            f"a configuration that was merely found {why} (output)",
            "Name another file; or name the configuration with --config, or use --output.",
        )
    return f"{name}={target}"


def _pin(shape: Shape, base: Path) -> Pin:
    entries = _required(shape, ("variable", "service", "file"), ("overrides", "message"))
    return Pin(
        variable=entries["variable"].text(),
        service=entries["service"].text(),
        file=entries["file"].file(base),
        overrides=entries["overrides"].files(base) if "overrides" in entries else (),
        message=_message(entries["message"]) if "message" in entries else "",
    )


def _message(shape: Shape) -> str:
    """Return a commit's message; one that could steer a terminal, or says nothing, is none."""
    text = shape.text().strip()
    lines = text.split("\n")
    if not text or len(text) > _LONGEST_MESSAGE or not all(line.isprintable() for line in lines):
        raise shape.wrong(f"the message of a commit, printable and of 1 to {_LONGEST_MESSAGE} characters")
    unknown = [each for each in _PLACEHOLDER.findall(text) if each not in ("{release}", "{digest}")]
    if unknown:
        raise shape.wrong(f"a message whose placeholders are {{release}} and {{digest}}, not {unknown[0]}")
    return text


def _project(shape: Shape, base: Path) -> ComposeProject:
    entries = shape.mapping(("files", "project_directory", "env_files", "profiles", "project_name"))
    given = {name: entry for name, entry in entries.items() if entry.located.value is not None}
    return ComposeProject(
        base=base,
        files=given["files"].files(base) if "files" in given else (),
        project_directory=given["project_directory"].file(base) if "project_directory" in given else None,
        env_files=given["env_files"].files(base) if "env_files" in given else (),
        profiles=given["profiles"].texts() if "profiles" in given else (),
        project_name=given["project_name"].text() if "project_name" in given else None,
    )


def _coolify(shape: Shape, base: Path, *, trusted: bool) -> CoolifySettings:
    """Whoever names the API's address is handed the token, so a file that was merely found may not."""
    entries = {name: item for name, item in shape.mapping(_COOLIFY).items() if item.located.value is not None}
    for name in _COOLIFY_TRUSTED:
        if name in entries and not trusted:
            raise problem(
                shape.path,
                entries[name].located.line,
                f"a configuration that was merely found may not say where the API token is sent (coolify.{name})",
                "Name the file with --config, or use the environment (PREFLIGHT_COOLIFY_URL and others).",
            )
    values: dict[str, Any] = {
        name: item.file(base) if name in {"root", "token_file", "ca_file"} else item.text()
        for name, item in entries.items()
    }
    try:
        return CoolifySettings(**values)
    except ValueError as error:
        raise problem(shape.path, shape.located.line, f"{shape.name}.{error}") from error


def _waivers(items: Sequence[Shape], mistakes: Mistakes) -> tuple[Waiver, ...]:
    waivers: dict[tuple[str, str, str], Waiver] = {}
    for item in items:
        waiver = mistakes.read(_waiver, item)
        if waiver is None:
            continue
        name = (waiver.check, waiver.code, waiver.subject)
        if name in waivers:
            what = f"a second waiver for {waiver.check}/{waiver.code}"
            mistakes.note(problem(item.path, item.located.line, what, "Keep one of them."))
        waivers[name] = waiver
    return tuple(waivers.values())


def _waiver(item: Shape) -> Waiver:
    entries = _required(item, ("check", "until", "reason"), ("code", "subject"))
    return Waiver(
        check=entries["check"].text(),
        code=entries["code"].text() if "code" in entries else "",  # the session lists the codes that the check has
        until=entries["until"].day(),
        reason=entries["reason"].text(),
        subject=entries["subject"].text() if "subject" in entries else "",
        location=Location(str(item.path), item.located.line),
    )


def _required(shape: Shape, required: tuple[str, ...], optional: tuple[str, ...]) -> dict[str, Shape]:
    entries = shape.mapping((*required, *optional))
    for name in required:
        if name not in entries:
            raise problem(shape.path, shape.located.line, f"{shape.name} lacks the key {name}")
    return entries
