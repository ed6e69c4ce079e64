"""preflight/hook/application_fields.py."""

from pathlib import Path

import pytest

from preflight.hook.application_fields import ApplicationFields, application_fields, fetched_from
from preflight.lib.deadline import Deadline
from tests.real.git import GitRepository


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
