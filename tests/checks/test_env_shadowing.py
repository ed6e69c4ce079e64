"""checks/env_shadowing.py: what it says, how often it asks, and what it never shows."""

import json
import stat
import sys
from pathlib import Path

import pytest

from preflight.project import Pin
from tests.checks.shadowing_case import DEV, DIGEST, HEAD, PINNED
from tests.checks.shadowing_projects import context_of, judge, write
from tests.real.compose import compose_binary

pytestmark = pytest.mark.compose

_SECRET = "hunter2-top-secret"  # no real one: what must never be shown


def _pin(folder: Path, name: str = "pin.env", *, service: str = "app", variable: str = "PIN") -> Pin:
    return Pin(variable, service, folder / name)


def _counting(folder: Path) -> tuple[list[str], Path]:
    """Return a command that runs the real Compose and writes one line a start, and that log."""
    log = folder.parent / f"{folder.name}.log"
    program = folder.parent / f"{folder.name}-compose"
    real = compose_binary()
    program.write_text(f'#!/bin/sh\necho "$*" >> "{log}"\nexec "{real}" "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return [str(program)], log


def test_a_clean_project_passes_with_the_evidence(tmp_path: Path) -> None:
    """A pass names the pin's value and the files that were looked at."""
    write(tmp_path, {"pin.env": f"PIN={PINNED}\n", "compose.yaml": HEAD})

    [finding] = judge(context_of(tmp_path, [_pin(tmp_path)], env={"PIN": DEV})).findings

    assert finding.message == "nothing overrides the pin: app gets PIN from pin.env alone"
    assert finding.evidence == {
        "service": "app",
        "variable": "PIN",
        "value": PINNED,
        "pinned": PINNED,
        "env_files": ["pin.env", "pin.local.env"],
        "also_in_shell": True,
    }


@pytest.mark.parametrize(("line", "questions"), [(f"PIN={PINNED}", 2), (f"PIN='{PINNED}'", 3)])
def test_a_clean_project_costs_two_questions_or_three(tmp_path: Path, line: str, questions: int) -> None:
    """Compose is asked for the project, interpolated and not, and how it reads a pin file that is not plain."""
    folder = tmp_path / "project"
    write(folder, {"pin.env": f"{line}\n", "compose.yaml": HEAD})
    argv, log = _counting(folder)

    judged = judge(context_of(folder, [_pin(folder)], argv=argv))

    assert judged.verdict == "pass"
    assert len(log.read_text().splitlines()) == questions


def test_two_pins_share_the_questions_about_the_project(tmp_path: Path) -> None:
    """A second pin costs no further question about the project; each pin has a row of its own."""
    folder = tmp_path / "project"
    two = HEAD + "  web:\n    image: y\n    env_file: [web.env]\n    environment: {IMG: x}\n"
    write(folder, {"pin.env": f"PIN={PINNED}\n", "web.env": f"IMG={PINNED}\n", "compose.yaml": two})
    argv, log = _counting(folder)

    pins = [_pin(folder), _pin(folder, "web.env", service="web", variable="IMG")]
    judged = judge(context_of(folder, pins, argv=argv))

    assert [finding.status.value for finding in judged.findings] == ["pass", "fail"]
    assert len(log.read_text().splitlines()) == 2


def test_every_cause_is_reported_at_once(tmp_path: Path) -> None:
    """Whoever fixes the first cause must not find the second one only at the next run."""
    write(
        tmp_path,
        {
            "pin.env": f"PIN=${{R:-ghcr.io}}/acme/agent@sha256:{DIGEST}\n",
            "pin.local.env": f"PIN={DEV}\n",
            "compose.yaml": HEAD + "    environment: {PIN: }\n",
        },
    )

    judged = judge(context_of(tmp_path, [_pin(tmp_path)], env={"R": "r"}))

    assert [str(finding.location) for finding in judged.findings] == ["compose.yaml:9", "pin.env:1", "pin.local.env:1"]
    assert judged.verdict == "fail"


_LEAKS = {
    "environment": {"compose.yaml": HEAD + f"    environment:\n      PIN: {_SECRET}\n      TOKEN: {_SECRET}\n"},
    "default": {"compose.yaml": HEAD + f"    environment:\n      PIN: ${{PIN:-{_SECRET}}}\n"},
    "dotenv": {".env": f"PIN={_SECRET}\nTOKEN={_SECRET}\n", "compose.yaml": HEAD + "    environment: [PIN]\n"},
    "later file": {"pin.local.env": f"TOKEN={_SECRET}\nPIN={_SECRET}\n"},
    "user in a reference": {"pin.local.env": f"PIN=https://me:{_SECRET}@ghcr.io/acme/agent\n"},
    "pin": {"pin.env": f"PIN={_SECRET}\n"},
    "pin's default": {"pin.env": f"PIN=${{X:-{_SECRET}}}\n"},
    "unterminated quote": {"pin.env": f'TOKEN="{_SECRET}\nPIN=x\n'},
    "bad name": {"pin.env": f"TO!KEN={_SECRET}\n"},
    "name with a space": {"pin.env": f"{_SECRET} TOKEN=x\n"},
    "bad template in an env file": {"pin.env": f"PIN=${{{_SECRET}-!\n"},
    "required in an env file": {"pin.env": f"PIN=${{X:?{_SECRET}}}\n"},
    "bad template": {"compose.yaml": HEAD + f'    environment: {{A: "${{{_SECRET} !"}}\n'},
    "required": {"compose.yaml": HEAD + f'    environment: {{A: "${{X:?{_SECRET}}}"}}\n'},
    "cast": {"compose.yaml": HEAD + f'    privileged: "{_SECRET}"\n'},
    "cast of an interpolation": {"compose.yaml": HEAD + f'    cpu_count: "${{A:-{_SECRET}}}"\n'},
    "broken yaml": {"compose.yaml": HEAD + f'    environment: {{A: "{_SECRET}\n'},
    "bad indentation": {"compose.yaml": HEAD + f"   {_SECRET}: x\n"},
    "broken dotenv": {".env": f"A='{_SECRET}\n"},
    "wrong type": {"compose.yaml": HEAD + f"    environment: {{A: [{_SECRET}]}}\n"},
    "port": {"compose.yaml": HEAD + f'    ports: ["{_SECRET}:x"]\n'},
    "duration": {"compose.yaml": HEAD + f'    stop_grace_period: "{_SECRET}"\n'},
    "unit": {"compose.yaml": HEAD + f'    mem_limit: "{_SECRET}"\n'},
}


@pytest.mark.parametrize("name", _LEAKS)
@pytest.mark.parametrize("version", ["2.24.1", "2.24.7", "2.40.3"])
def test_no_value_is_ever_shown(name: str, version: str, tmp_path: Path) -> None:
    """No value of a variable, and no line of a broken file, reaches a finding or its evidence."""
    write(tmp_path, {"pin.env": f"PIN={PINNED}\n", "compose.yaml": HEAD, **_LEAKS[name]})

    judged = judge(context_of(tmp_path, [_pin(tmp_path)], env={"TOKEN": _SECRET}, version=version))

    assert _SECRET not in judged.words


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("    environment: {PIN: ghcr.io/acme/agent:dev}\n", {"value": DEV, "pinned": PINNED}),
        ("    environment: {PIN: ''}\n", {"pinned": PINNED}),
    ],
)
def test_an_image_reference_is_shown_as_evidence(more: str, words: dict[str, str], tmp_path: Path) -> None:
    """What the container gets in the pin's place is shown when it surely is an image reference."""
    write(tmp_path, {"pin.env": f"PIN={PINNED}\n", "compose.yaml": HEAD + more})

    [finding] = judge(context_of(tmp_path, [_pin(tmp_path)])).findings

    assert {key: value for key, value in finding.evidence.items() if key in {"value", "pinned"}} == words


def test_the_file_that_coolify_writes_is_recognised(tmp_path: Path) -> None:
    """Where only .env is listed, the hint names who does that."""
    compose = "services: {app: {image: x, env_file: [.env]}}\n"
    write(tmp_path, {"pin.env": f"PIN={PINNED}\n", ".env": "A=1\n", "compose.yaml": compose})

    [finding] = judge(context_of(tmp_path, [_pin(tmp_path)])).findings

    assert finding.message == "env_file: of app does not list pin.env"
    assert "Coolify" in finding.hint


def test_messages_are_short_and_each_failure_says_what_to_do(tmp_path: Path) -> None:
    """Messages fit a table row, even with the names of the real stack."""
    variable, file = "HEPHAESTUS_AGENT_IMAGE_REFERENCE", "docker/agent-image-pin.env"
    text = (
        "services:\n  application-server:\n    image: x\n    env_file:\n      - path: agent-image-pin.env\n"
        f"    environment:\n      {variable}: ${{{variable}}}\n"
    )
    write(tmp_path, {file: f"{variable}={PINNED}\n", "docker/compose.app.yaml": text})

    pin = _pin(tmp_path, file, service="application-server", variable=variable)
    judged = judge(context_of(tmp_path, [pin], args=("-f", "docker/compose.app.yaml"), env={variable: PINNED}))

    assert str(judged.findings[0].location) == "docker/compose.app.yaml:7"
    assert all(len(finding.message) <= 120 and finding.hint for finding in judged.findings)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("exit 0", "no JSON"),
        ("echo '[]'", "no services in it"),
        ("echo '{\"services\": []}'", "no services in it"),
        ("kill -9 $$", "killed by signal 9"),
        ("echo \"docker: 'compose' is not a docker command\" >&2; exit 1", "not installed"),
        ('echo "no secret" >&2; exit 9', "exit 9"),
    ],
)
def test_a_compose_that_cannot_be_understood_is_never_a_pass(script: str, words: str, tmp_path: Path) -> None:
    """Nonsense, a crash or a missing plugin end in an error or a failure that says so."""
    folder = tmp_path / "project"
    write(folder, {"pin.env": f"PIN={PINNED}\n", "compose.yaml": HEAD, "../compose.sh": f"#!/bin/sh\n{script}\n"})
    (tmp_path / "compose.sh").chmod(0o755)

    judged = judge(context_of(folder, [_pin(folder)], argv=[str(tmp_path / "compose.sh")]))

    assert judged.verdict in {"error", "fail"}
    assert words in judged.words


def test_what_compose_gives_without_a_cause_to_be_seen_is_a_failure(tmp_path: Path) -> None:
    """Another value than the pin file's is a failure even when nothing here explains it."""
    folder = tmp_path / "project"
    write(folder, {"pin.env": f"PIN={PINNED}\n", "compose.yaml": HEAD})
    real = str(compose_binary())
    lie = {"services": {"app": {"environment": {"PIN": DEV}}}}
    program = tmp_path / "compose.py"
    program.write_text(
        f"#!{sys.executable}\nimport os, sys\n"
        f"if {{'--no-interpolate', '-'}} & set(sys.argv): os.execv({real!r}, [{real!r}, *sys.argv[1:]])\n"
        f"print({json.dumps(lie)!r})\n"
    )
    program.chmod(0o755)

    judged = judge(context_of(folder, [_pin(folder)], argv=[str(program)]))

    assert judged.verdict == "fail"
    assert "app gets another PIN than pin.env says" in judged.words


def test_a_remote_include_is_said_to_be_out_of_sight(tmp_path: Path) -> None:
    """Compose fetches it; what it brings, and what could change that, is not looked at."""
    folder = tmp_path / "project"
    remote = "include:\n  - https://git.example/acme/stack.git\n"
    write(folder, {"pin.env": f"PIN={PINNED}\n", "compose.yaml": remote})
    listed = {"env_file": [{"path": str(folder / "pin.env")}]}
    program = tmp_path / "compose.py"
    program.write_text(
        f"#!{sys.executable}\nimport sys\n"
        f"plain, full = {json.dumps(listed)!r}, {json.dumps({'environment': {'PIN': PINNED}})!r}\n"
        "print('{\"services\": {\"app\": %s}}' % (plain if '--no-interpolate' in sys.argv else full))\n"
    )
    program.chmod(0o755)

    [finding] = judge(context_of(folder, [_pin(folder)], argv=[str(program)])).findings

    assert (finding.status.value, finding.code) == ("warn", "not-followed")
    assert str(finding.location) == "compose.yaml:2"
    assert "a file that is not on this host" in finding.message


_CODES: dict[str, tuple[str, dict[str, str], dict[str, str]]] = {
    "environment": ("fail", {"compose.yaml": HEAD + "    environment: {PIN: x}\n"}, {}),
    "later-file": ("fail", {"pin.local.env": "PIN=x\n"}, {}),
    "later-bare": ("fail", {"pin.local.env": "PIN\n"}, {"PIN": "x"}),
    "later-bare-open": ("warn", {"pin.local.env": "PIN\n"}, {}),
    "reference": ("fail", {"pin.env": "PIN=${R:-x}/acme/agent\n"}, {"R": "y"}),
    "reference-open": ("warn", {"pin.env": "PIN=${R:-x}/acme/agent\n"}, {}),
    "not-listed": ("fail", {"compose.yaml": "services: {app: {image: x}}\n"}, {}),
    "missing": ("fail", {"pin.env": ""}, {}),
    "undefined": ("fail", {"pin.env": "OTHER=1\n"}, {}),
    "open-path": (
        "warn",
        {
            "compose.yaml": HEAD + '      - path: "${LATER:-other.env}"\n        required: false\n',
            "other.env": "A=1\n",
        },
        {},
    ),
    "no-service": ("fail", {"compose.yaml": "services: {web: {image: x}}\n"}, {}),
    "profile-off": ("fail", {"compose.yaml": HEAD + "    profiles: [prod]\n"}, {}),
    "refused": ("fail", {"compose.yaml": "services: {app: {image: x, env_file: 5}}\n"}, {}),
}


@pytest.mark.parametrize("code", _CODES)
def test_each_failure_has_its_code(code: str, tmp_path: Path) -> None:
    """A waiver, and whoever looks the failure up, is given the same word for ever."""
    status, files, env = _CODES[code]
    write(tmp_path, {"pin.env": f"PIN={PINNED}\n", "compose.yaml": HEAD, **files})
    if code == "missing":
        (tmp_path / "pin.env").unlink()

    findings = judge(context_of(tmp_path, [_pin(tmp_path)], env=env)).findings

    assert (status, code) in {(finding.status.value, finding.code) for finding in findings}
    subject = findings[0].subject
    assert subject is not None
    assert subject.name == ("app" if subject.kind == "service" else "PIN")
