"""preflight/hook/second_gate.py."""

import re
import shlex
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from preflight.hook.application_fields import ApplicationFields
from preflight.hook.second_gate import LONGEST_COMMAND, custom_build_command, gate_script
from preflight.hook.ui_texts import instructions

PLACE = ApplicationFields(
    "lc0okw8kgw4wkkg4s0g8ock8", "https://github.com/ls1intum/Hephaestus", "main", "/docker", "/compose.app.yaml"
)
# Coolify 4.3.11, app/Support/ValidationPatterns.php:74, as the facts tell it: no ; | & $ ` redirects or line breaks.
FORBIDDEN = re.compile(r"[;$`<>()\\\n\r'\"]|(?<!&)&(?!&)|(?<!\|)\|(?!\|)")
# Plays docker: writes down how it is called; `start` ends as the judgement does.
DOCKER = """#!/bin/sh
echo "$@" >> "$CALLS"
[ "$1" = start ] && exit "$VERDICT"
[ "$1 $2" = "rm --force" ] && exit 1
exit 0
"""


def test_the_line_calls_the_script_and_goes_on_to_the_build() -> None:
    """In what Coolify accepts: single signs that start, feed or end a command are refused there."""
    line = custom_build_command(PLACE)
    assert line == (
        "sh ./docker/preflight-gate.sh && docker compose --project-name lc0okw8kgw4wkkg4s0g8ock8 "
        "--project-directory ./docker build --pull"
    )
    assert not FORBIDDEN.search(line)
    assert not {"-f", "--file", "--env-file"} & set(shlex.split(line)), "Coolify puts its own there"


def test_the_root_as_base_directory() -> None:
    """Script and project directory are then in the checkout itself."""
    line = custom_build_command(replace(PLACE, base_directory="/"))
    assert line.startswith("sh ./preflight-gate.sh && ")
    assert "--project-directory . build" in line


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ({"base_directory": "/a;b"}, "a character that Coolify does not take"),
        ({"base_directory": "/a b"}, "a character that Coolify does not take"),
        ({"base_directory": "/docker-compose"}, "a character that Coolify does not take"),
        ({"application": "a b$"}, "a character that Coolify does not take"),
        ({"base_directory": "/" + "a" * 80}, f"Coolify keeps {LONGEST_COMMAND}"),
    ],
    ids=["semicolon", "blank", "where-coolify-puts-options", "application", "long"],
)
def test_a_name_that_coolify_would_refuse_makes_no_line(bad: Any, why: str) -> None:
    """It is told of in place of a line that cannot be saved, or that Coolify would break."""
    place = replace(PLACE, **bad)
    with pytest.raises(ValueError, match=why):
        custom_build_command(place)
    assert "(none: " in instructions(place)


@pytest.mark.parametrize("verdict", [0, 1, 3])
def test_the_script_ends_as_the_judgement_does(tmp_path: Path, verdict: int) -> None:
    """Whatever was left of an earlier run goes first, and the container goes only after a pass: its log explains."""
    (tmp_path / "docker").mkdir()
    (tmp_path / "gate.sh").write_text(gate_script(PLACE))
    program = tmp_path / "bin" / "docker"
    program.parent.mkdir()
    program.write_text(DOCKER)
    program.chmod(0o755)
    calls = tmp_path / "calls"
    environ = {"PATH": f"{program.parent}:/usr/bin:/bin", "CALLS": str(calls), "VERDICT": str(verdict)}

    done = subprocess.run(["sh", "gate.sh"], cwd=tmp_path, env=environ, check=False, timeout=20)

    assert done.returncode == verdict
    said = [line.split()[0] for line in calls.read_text().splitlines()]
    assert said == ["rm", "create", "cp", "start", *(["rm"] if verdict == 0 else [])]
    assert (tmp_path / "docker" / ".env").exists(), "the default mode makes every service require it"


def test_no_name_leaves_its_place_in_the_script() -> None:
    """Names come from a checkout: a shell must take each for one word."""
    script = gate_script(replace(PLACE, branch="a b; touch pwned", more=("--registry-insecure", "$(id)")))
    [create] = [line for line in script.splitlines() if line.startswith("docker create")]
    words = shlex.split(create)
    assert words[words.index("--branch") + 1] == "a b; touch pwned"
    assert words[words.index("--registry-insecure") + 1] == "$(id)"
