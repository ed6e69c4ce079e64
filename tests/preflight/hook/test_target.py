"""preflight/hook/target.py."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from preflight.errors import ConfigurationError, CouldNotLook
from preflight.git.clone import Branch
from preflight.hook.command import Order
from preflight.hook.target import find_target
from preflight.lib.deadline import Deadline
from tests.fakes.coolify_api import FakeCoolify

UUID = "abc123"
BARE = Order(Path("/state"), application=UUID)
GIVEN = replace(BARE, repository="https://github.com/a/b", branch="main")


@pytest.fixture
def coolify() -> Iterator[FakeCoolify]:
    """The API, with one application."""
    with FakeCoolify() as one:
        yield one


def application(coolify: FakeCoolify, **fields: Any) -> None:
    """Put the application there."""
    given = {"git_repository": "ls1intum/Hephaestus", "git_branch": "production", "base_directory": "/docker"}
    coolify.add_application(UUID, **{**given, "docker_compose_location": "/compose.app.yaml", **fields})


def test_what_is_given_needs_no_api(coolify: FakeCoolify) -> None:
    """Nobody is asked."""
    branch, order = find_target(GIVEN, coolify.environ, Deadline.after(10))
    assert branch == Branch("https://github.com/a/b", "main")
    assert order == GIVEN
    assert coolify.requests == []


def test_the_api_tells_the_rest(coolify: FakeCoolify) -> None:
    """Repository, branch, and where the files lie; OWNER/NAME is one of GitHub's."""
    application(coolify)
    branch, order = find_target(BARE, coolify.environ, Deadline.after(10))
    assert branch == Branch("https://github.com/ls1intum/Hephaestus", "production")
    assert (order.base_directory, order.compose_location) == ("/docker", "/compose.app.yaml")


def test_what_is_given_beats_the_api(coolify: FakeCoolify) -> None:
    """The operator may know better."""
    application(coolify)
    asked = replace(BARE, branch="main", base_directory="/deploy")
    branch, order = find_target(asked, coolify.environ, Deadline.after(10))
    assert (branch.name, order.base_directory) == ("main", "/deploy")


@pytest.mark.parametrize(("told", "commit"), [("HEAD", ""), ("", ""), ("c" * 40, "c" * 40)])
def test_a_commit_that_coolify_is_held_at_is_judged(coolify: FakeCoolify, told: str, commit: str) -> None:
    """A rollback deploys another commit than the branch's newest."""
    application(coolify, git_commit_sha=told)
    branch, _ = find_target(BARE, coolify.environ, Deadline.after(10))
    assert branch.commit == commit


@pytest.mark.parametrize("repository", ["git@github.com:a/b.git", "https://git.example/a/b", "/srv/b.git"])
def test_other_addresses_stay_as_they_are(coolify: FakeCoolify, repository: str) -> None:
    """Only OWNER/NAME is short for something."""
    application(coolify, git_repository=repository)
    assert find_target(BARE, coolify.environ, Deadline.after(10))[0].address == repository


def test_the_operators_configuration_may_name_the_api(coolify: FakeCoolify, tmp_path: Path) -> None:
    """Named with --config it is trusted with the token."""
    application(coolify)
    (tmp_path / "token").write_text(coolify.environ["PREFLIGHT_COOLIFY_TOKEN"])
    config = tmp_path / "preflight.yaml"
    config.write_text(f"coolify: {{application: {UUID}, url: '{coolify.url}', token_file: token}}\n")
    asked = replace(BARE, application="", config=config)
    assert find_target(asked, {}, Deadline.after(10))[0].name == "production"


def test_an_api_that_does_not_know_it_shuts_the_gate(coolify: FakeCoolify) -> None:
    """What is deployed is then not known."""
    with pytest.raises(CouldNotLook):
        find_target(BARE, coolify.environ, Deadline.after(10))


def test_the_branch_that_runs_stands_in() -> None:
    """Coolify puts it into its containers, in quotes."""
    asked = replace(GIVEN, branch="")
    branch, order = find_target(asked, {"COOLIFY_BRANCH": '"release/1.4"'}, Deadline.after(10))
    assert (branch.name, order.branch) == ("release/1.4", "release/1.4")


@pytest.mark.parametrize(
    ("order", "lacks"), [(replace(GIVEN, repository=""), "repository"), (replace(GIVEN, branch=""), "branch")]
)
def test_what_nobody_says_is_asked_for(order: Order, lacks: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ConfigurationError, match=f"which {lacks} is deployed is not said") as raised:
        find_target(order, {}, Deadline.after(10))
    assert "--repository" in raised.value.hint


def test_coolifys_own_variables_never_send_the_token_to_the_application(coolify: FakeCoolify) -> None:
    """In a container of an application COOLIFY_URL is the application's own address."""
    inside = {"COOLIFY_URL": coolify.url, "COOLIFY_TOKEN": "t0ken", "COOLIFY_RESOURCE_UUID": UUID}
    with pytest.raises((CouldNotLook, ConfigurationError)):
        find_target(replace(BARE, application=""), inside, Deadline.after(10))
    assert coolify.requests == []
