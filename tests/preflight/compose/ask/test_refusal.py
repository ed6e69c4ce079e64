"""preflight/compose/ask/refusal.py, with what real Compose binaries print."""

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from preflight.compose.ask.refusal import Refusal, read_refusal
from tests.real.compose import compose_binary

_APP = "services: {app: {image: x, env_file: [pin.env]}}\n"


@dataclass(frozen=True)
class _Broken:
    """A project that Compose refuses; ``place`` as the newest release says it, empty when it says none."""

    compose: str | bytes
    message: str
    place: str = ""
    pin: str = ""
    args: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)


_REFUSED = {
    "quote": _Broken(_APP, "a quoted value in an env file has no end", "pin.env", 'A="b\n'),
    "name": _Broken(_APP, "a name in an env file has a character", "pin.env:2", "A=1\nB!C=x\n"),
    "space": _Broken(_APP, "a name in an env file has a space in it", "pin.env:1", "A B=x\n"),
    "template": _Broken(_APP, "an env file has a `$` that starts no valid ${NAME}", "pin.env", "A=${b-c!\n"),
    "required": _Broken(_APP, "an env file requires the variable X, which is not set", "pin.env", "A=${X:?y}\n"),
    "missing": _Broken(_APP, "an env_file that is required is not there", "pin.env"),
    "folder": _Broken("services: {app: {image: x, env_file: [.]}}\n", "a directory stands where an env file", "."),
    "--env-file": _Broken(_APP, "the file named by --env-file is not there", "n.env", args=("--env-file", "n.env")),
    "top key": _Broken("a: {}\nservices: {}\n", "the key a is not known to this Compose (at the top level)", "c.yaml"),
    "key": _Broken("services: {app: {image: x, foo: 1}}\n", "the key foo is not known to this Compose", "c.yaml"),
    "two keys": _Broken("services: {app: {image: x, foo: 1, bar: 1}}\n", "is not known to this Compose", "c.yaml"),
    "type": _Broken("services: {app: {image: [a]}}\n", "services.app.image must be a string", "c.yaml"),
    "null": _Broken("services:\n  app:\n", "services.app must be a mapping", "c.yaml"),
    "cast": _Broken("services: {app: {image: x, privileged: '${A:-b}'}}\n", "app.privileged has the wrong type"),
    "set": _Broken("services: {app: {image: '${A:?b}'}}\n", "services.app.image requires the variable A"),
    "dollar": _Broken("services: {app: {image: '${A'}}\n", "services.app.image has a `$` that starts no valid ${NAME}"),
    "twice": _Broken("services:\n  a: {image: x}\n  a: {image: x}\n", "the key a stands twice", "c.yaml:3"),
    "tab": _Broken("services:\n\tapp: {}\n", "a compose file is no valid YAML: a character (a tab?)"),
    "indentation": _Broken("a:\n  b: 1\n c: 1\n", "a compose file is no valid YAML: did not find expected key"),
    "open": _Broken('a: "b\n', "a compose file is no valid YAML: found unexpected end of stream"),
    "alias": _Broken("services: {app: *nope}\n", "a YAML alias has no anchor above it"),
    "control": _Broken(b"a: \x01\n", "a compose file is no valid YAML: control characters are not allowed"),
    "octet": _Broken(b'a: "\xff"\n', "a compose file is no valid YAML: invalid leading UTF-8 octet"),
    "list": _Broken("- a\n", "a compose file"),
    "empty": _Broken("", "a compose file is empty"),
    "no file": _Broken("services: {}\n", "a file that the project names is not there", "n.yaml", args=("-f", "n.yaml")),
    "image": _Broken("services: {app: {}}\n", "the service app has neither an image nor a build context"),
    "depends": _Broken("services: {app: {image: x, depends_on: [b]}}\n", "the service app depends on b, which"),
    "network": _Broken("services: {app: {image: x, networks: [b]}}\n", "the service app refers to the network b"),
    "extends": _Broken("services: {app: {extends: {service: b}}}\n", "the service app extends one that", "c.yaml"),
    "circle": _Broken(
        "services: {a: {image: x, depends_on: [b]}, b: {image: x, depends_on: [a]}}\n", "services depend on each other"
    ),
    "include": _Broken("include: [c.yaml]\nservices: {}\n", "compose files include each other in a circle"),
    "format": _Broken(
        "services: {a: {image: x, env_file: [{path: pin.env, format: b}]}}\n", "the env_file format b", pin="A=1\n"
    ),
    "empty path": _Broken("services: {a: {image: x, env_file: ['']}}\n", "an entry of env_file is empty"),
    "no path": _Broken("services: {a: {image: x, env_file: [{required: false}]}}\n", "services.a.env_file"),
    "no text": _Broken("services: {a: {image: x, environment: [1]}}\n", "services.a.environment"),
    "blank": _Broken("services: {a: {image: x, environment: ['B =1']}}\n", "environment of a ends in a blank"),
    "project": _Broken("services: {a: {image: x}}\n", "the project's name is not valid", args=("--project-name", "!")),
}


def _refuse(broken: _Broken, folder: Path, version: str) -> Refusal:
    (folder / "c.yaml").write_bytes(broken.compose.encode() if isinstance(broken.compose, str) else broken.compose)
    if broken.pin:
        (folder / "pin.env").write_text(broken.pin)
    files = () if "-f" in broken.args else ("-f", str(folder / "c.yaml"))
    done = subprocess.run(
        [str(compose_binary(version)), *files, *broken.args, "config"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **broken.env},
        capture_output=True,
        check=False,
        text=True,
        errors="replace",
        timeout=60,
    )
    assert done.returncode != 0, done.stdout
    return read_refusal(done.stderr, done.returncode, "docker compose config", folder)


@pytest.mark.compose
@pytest.mark.parametrize("name", _REFUSED)
def test_a_known_reason_is_told_in_our_words(name: str, tmp_path: Path) -> None:
    """The newest Compose's reasons are recognised, with file and line where it names them, and what to do."""
    broken = _REFUSED[name]

    refusal = _refuse(broken, tmp_path, "2.40.3")

    assert broken.message in refusal.message
    place, _, line = broken.place.partition(":")
    if place:
        assert refusal.path is not None
        assert refusal.path.resolve() == (tmp_path / place).resolve()
    assert refusal.line == (int(line) if line else refusal.line)
    assert refusal.hint
    assert "{" not in refusal.message.replace("${NAME}", "")


@pytest.mark.compose
@pytest.mark.parametrize("version", ["2.24.1", "2.29.7"])
def test_older_releases_are_understood_too(version: str, tmp_path: Path) -> None:
    """Their words differ; the reason is recognised all the same."""
    unknown = []
    for number, (name, broken) in enumerate(_REFUSED.items()):
        if name in {"format", "blank"} or (name == "circle" and version == "2.24.1"):
            continue  # they do not know the key, take the name as it is, do not look
        folder = tmp_path / str(number)
        folder.mkdir()
        refusal = _refuse(broken, folder, version)
        if "not known here" in refusal.message:
            unknown.append(name)
    assert unknown == []


def test_an_unknown_reason_is_not_quoted(tmp_path: Path) -> None:
    """Words that are not known may hold a secret: only the exit code and the command are shown."""
    refusal = read_refusal("oh no: TOKEN=hunter2\n", 7, "docker compose config", tmp_path)

    assert refusal.message == "its reason is not known here (exit 7)"
    assert refusal.hint == "See Compose's own words: docker compose config"


def test_warnings_before_the_reason_are_passed_over(tmp_path: Path) -> None:
    """What Compose logs on the way is not the reason."""
    noise = 'time="2026-11-23T19:23:07Z" level=warning msg="open /x: permission denied"\n'

    refusal = read_refusal(noise + "empty compose file\n", 1, "docker compose config", tmp_path)

    assert refusal.message == "a compose file is empty"
