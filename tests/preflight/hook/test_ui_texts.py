"""preflight/hook/ui_texts.py."""

import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from preflight.hook.command import inside
from preflight.hook.ui_texts import (
    ApplicationFields,
    application_fields,
    custom_build_command,
    fetched_from,
    instructions,
    pre_deployment_command,
)
from preflight.lib.deadline import Deadline
from tests.real.git import GitRepository

PLACE = ApplicationFields("abc123", "https://github.com/ls1intum/Hephaestus", "main", "/docker", "/compose.app.yaml")
# Coolify 4.3.11, app/Support/ValidationPatterns.php:74, as the facts tell it: no ; | & $ ` redirects or line breaks.
FORBIDDEN = re.compile(r"[;$`<>()\\\n\r'\"]|(?<!&)&(?!&)|(?<!\|)\|(?!\|)")


def test_the_hooks_command_is_one_plain_line() -> None:
    """No line break, no comment: Coolify makes blanks of the first, and the second would eat the rest."""
    line = pre_deployment_command(PLACE)
    assert line == (
        "preflight hook --repository https://github.com/ls1intum/Hephaestus --application abc123 --branch main "
        "--base-directory /docker --compose-location /compose.app.yaml"
    )
    assert "#" not in line


def test_the_gates_line_has_only_what_coolify_accepts() -> None:
    """Single signs that start, feed or end a command are refused there."""
    line = custom_build_command(PLACE)
    assert not FORBIDDEN.search(line)
    assert line.endswith(" && docker compose --project-name abc123 --project-directory ./docker build --pull")


def test_the_gate_holds_the_place_of_the_file_that_coolify_writes_later() -> None:
    """The default mode makes every service require .env, which is written after this command."""
    line = custom_build_command(PLACE)

    assert line.index("touch ./docker/.env") < line.index("docker cp . ")


@pytest.mark.parametrize("location", ["/docker-compose.yaml", "/Docker-Compose.prod.yaml", "/compose.app.yaml"])
def test_coolifys_own_options_land_behind_the_build(location: str) -> None:
    """They are put behind the first docker-compose or `docker compose`, unless a -f is there: that is the build's."""
    line = custom_build_command(replace(PLACE, compose_location=location))
    first = re.search(r"docker[\s-]compose", line, re.IGNORECASE)
    assert first is not None
    assert line[first.start() :].startswith("docker compose --project-name")
    assert not {"-f", "--file", "--env-file"} & set(shlex.split(line))
    words = shlex.split(line)
    assert inside(words[words.index("--compose-location") + 1], "x") == location.strip("/")


def test_the_root_as_base_directory() -> None:
    """The build's project directory is then the checkout itself."""
    assert "--project-directory . build" in custom_build_command(replace(PLACE, base_directory="/"))


@pytest.mark.parametrize("bad", [{"branch": "a;b"}, {"image": "docker-compose/preflight"}, {"application": "a b$"}])
def test_a_name_that_coolify_would_refuse_makes_no_line(bad: Any) -> None:
    """It is told of in place of a line that cannot be saved, or that Coolify would break."""
    place = replace(PLACE, **bad)
    with pytest.raises(ValueError, match="a character that Coolify does not take"):
        custom_build_command(place)
    assert "(none: " in instructions(place)


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("https://github.com/a/b.git", "https://github.com/a/b.git"),
        ("https://user:hunter2@github.com/a/b", "https://github.com/a/b"),
        ("https://git.example:8443/a/b", "https://git.example:8443/a/b"),
        ("http://git.example/a/b", "http://git.example/a/b"),
        ("ssh://git@github.com:22/a/b.git", "https://github.com/a/b.git"),
        ("git@github.com:a/b.git", "https://github.com/a/b.git"),
        ("/srv/git/b.git", "https://HOST/OWNER/NAME"),
        ("file:///srv/b.git", "https://HOST/OWNER/NAME"),
        ("", "https://HOST/OWNER/NAME"),
    ],
)
def test_the_address_needs_no_ssh_and_holds_no_password(remote: str, address: str) -> None:
    """The image has no ssh, and Coolify shows the command when it fails."""
    assert fetched_from(remote) == address


def test_a_checkout_tells_most_of_it(git_repository: GitRepository) -> None:
    """Base directory and location from where the compose file lies; repository and branch from git."""
    git_repository.commit({"docker/compose.app.yaml": "services: {}"})
    git_repository.git("remote", "add", "origin", "git@github.com:ls1intum/Hephaestus.git")
    git_repository.git("checkout", "--quiet", "-b", "production")
    root = git_repository.path
    place = application_fields(
        root / "docker" / "compose.app.yaml", root, {"PATH": "/usr/bin:/bin"}, Deadline.after(10)
    )
    assert (place.base_directory, place.compose_location) == ("/docker", "/compose.app.yaml")
    assert (place.repository, place.branch) == ("https://github.com/ls1intum/Hephaestus.git", "production")
    in_root = application_fields(root / "compose.yaml", root, {"PATH": "/usr/bin:/bin"}, Deadline.after(10))
    assert (in_root.base_directory, in_root.compose_location) == ("/", "/compose.yaml")


@pytest.mark.parametrize("path", ["/usr/bin:/bin", "/nowhere"])
def test_placeholders_stand_for_what_nobody_knows(tmp_path: Path, path: str) -> None:
    """Without a repository, a remote, or git itself."""
    place = application_fields(None, tmp_path, {"PATH": path}, Deadline.after(10))
    assert (place.application, place.repository, place.branch) == (
        "APPLICATION-UUID",
        "https://HOST/OWNER/NAME",
        "main",
    )
    assert application_fields(None, None, {}, Deadline.after(1)) == ApplicationFields()


def test_the_instructions_hold_both_lines_whole() -> None:
    """Nothing is wrapped: it is there to be copied."""
    lines = [line.strip() for line in instructions(PLACE).splitlines()]
    assert custom_build_command(PLACE) in lines
    assert any(line.endswith(pre_deployment_command(PLACE)) for line in lines)
    assert any(line.startswith("Container name") and line.endswith("preflight") for line in lines)
    assert "receipts: /var/lib/preflight/abc123/receipts" in instructions(PLACE)
