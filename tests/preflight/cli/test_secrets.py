"""No value of a variable, and no scalar of a compose file, in any report."""

from pathlib import Path

import pytest

from tests.real.cli import PreflightCli
from tests.real.compose import docker_config

SECRET = "hunter2"
APP = "services:\n  app:\n    image: x\n"
PIN = "    env_file: [pin.env]\n"
ENVIRONMENT = f"{APP}{PIN}    environment:\n      DB_PASSWORD: "
LATER = APP + '    env_file: [pin.env, "${SECRET}/x.env"]\n'
INCLUDE = 'include: ["${SECRET}/c.yaml"]\n'
EXTENDS = APP + PIN + '    extends: {file: "${SECRET}/c.yaml", service: b}\n'
FILE = f"{SECRET}/c.yaml"

CASES: dict[str, tuple[str, dict[str, str]]] = {
    "alias": (f"{ENVIRONMENT}*{SECRET}\n", {}),
    "anchor": (f"{ENVIRONMENT}&{SECRET}\n        - *{SECRET}\n", {}),
    "tag": (f"{ENVIRONMENT}!{SECRET} [}}\n", {}),
    "tag-handle": (f"{ENVIRONMENT}!{SECRET}!x y\n", {}),
    "at": (f"{ENVIRONMENT}@{SECRET}\n", {}),
    "quote": (f"{ENVIRONMENT}'a'{SECRET}\n", {}),
    "env-file-missing": (LATER, {}),
    "env-file-there": (LATER, {f"{SECRET}/x.env": "IMG=other\n"}),
    "env-file-broken": (LATER, {f"{SECRET}/x.env": "A B=other\n"}),
    "include-missing": (INCLUDE + APP + PIN, {}),
    "include-broken": (INCLUDE + APP + PIN, {FILE: "a: [\n"}),
    "include-there": (INCLUDE, {FILE: "services: {app: {image: x, env_file: [../pin.env], environment: {IMG: o}}}\n"}),
    "include-env-file": (
        'include: [{path: c.yaml, env_file: "${SECRET}.env"}]\n' + APP + PIN,
        {"c.yaml": "services: {o: {image: x}}\n"},
    ),
    "extends-missing": (EXTENDS, {}),
    "extends-broken": (EXTENDS, {FILE: "a: [\n"}),
    "extends-there": (EXTENDS, {FILE: "services: {b: {image: x, environment: {IMG: other}}}\n"}),
    "extends-service": (APP + PIN + '    extends: {service: "${SECRET}"}\n', {}),
}


@pytest.mark.parametrize("case", list(CASES))
def test_no_report_shows_it(preflight_cli: PreflightCli, tmp_path: Path, case: str) -> None:
    """A file is shown as it is written, an alias not at all."""
    compose, files = CASES[case]
    files = {
        "compose.yaml": compose,
        "pin.env": f"IMG=ghcr.io/a/b@sha256:{'1' * 64}\n",
        "preflight.yaml": "git: false\npins: [{variable: IMG, service: app, file: pin.env}]\n",
        **files,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    words = ("run", "--only", "env-file-syntax", "--only", "env-shadowing", "--output", "json=report.json")

    environ = {"SECRET": SECRET, "DOCKER_CONFIG": str(docker_config())}
    done = preflight_cli(*words, cwd=tmp_path, env=environ)

    said = done.stdout + done.stderr + (tmp_path / "report.json").read_text()
    assert "compose.yaml" in said
    assert SECRET not in said
    assert done.returncode in {1, 3}
