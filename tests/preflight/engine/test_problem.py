"""preflight/engine/problem.py: what no test can make a real engine do."""

import grp
import os
from pathlib import Path

import pytest

from preflight.engine.endpoint import Endpoint
from preflight.engine.problem import explain, is_missing_program
from preflight.errors import CouldNotLook, DeadlineExceeded


class Answer:
    """The part of an HTTP answer that counts."""

    def __init__(self, status: int) -> None:
        self.status_code = status


class EngineSaid(Exception):
    """An error of the SDK that carries what the engine said."""

    def __init__(self, status: int, explanation: str) -> None:
        super().__init__(explanation)
        self.response, self.explanation = Answer(status), explanation


class ReadTimeout(OSError):
    """It gave up waiting."""


def explained(error: Exception, url: str = "unix:///x.sock") -> CouldNotLook:
    """What the operator is told."""
    with pytest.raises(CouldNotLook) as caught, explain(Endpoint(url)):
        raise error
    assert "geheim" not in caught.value.message + caught.value.hint
    return caught.value


def test_permission_names_the_group_of_the_socket(tmp_path: Path) -> None:
    """Whoever is in it may ask; where that is root's own, only root."""
    path = tmp_path / "x.sock"
    path.touch()
    group = grp.getgrgid(path.stat().st_gid).gr_name
    error = explained(PermissionError(13, "geheim"), f"unix://{path}")
    assert error.message == f"permission denied on {path}"
    assert error.hint == ("Run preflight as root (`sudo`)." if group == "root" else error.hint)
    if os.geteuid() == 0:
        os.chown(path, 0, 1)
        assert "join the group daemon" in explained(PermissionError(13, ""), f"unix://{path}").hint


def test_permission_for_a_group_without_a_name(tmp_path: Path) -> None:
    """In a container the groups of the host have none."""
    path = tmp_path / "docker.sock"
    path.touch()
    os.chown(path, 0, 54321)

    assert "docker run --group-add 54321" in explained(PermissionError(13, ""), f"unix://{path}").hint


@pytest.mark.parametrize("url", ["unix:///none/x.sock", "http://host:1"])
def test_permission_without_a_socket_to_look_at(url: str) -> None:
    """The usual group is named."""
    assert "usermod -aG docker USER" in explained(PermissionError(13, ""), url).hint


def test_the_system_s_own_error_is_found_within() -> None:
    """The SDK wraps it two or three deep, as argument or cause."""
    assert explained(OSError("geheim", ConnectionRefusedError(111, ""))).message.startswith("no Docker engine listens")
    assert "no route to host" in explained(RuntimeError(OSError(113, "geheim"))).message


def test_time_that_ran_out() -> None:
    """Told from all other errors of the network."""
    assert isinstance(explained(ReadTimeout("geheim")), DeadlineExceeded)


@pytest.mark.parametrize(
    ("status", "words"),
    [(404, "is gone"), (409, "does not run any more"), (403, "refuses"), (503, "failed (HTTP 503)")],
)
def test_what_the_engine_refuses(status: int, words: str) -> None:
    """By status; its own words are not shown."""
    assert words in explained(EngineSaid(status, "geheim")).message


def test_anything_else_is_no_engine() -> None:
    """An answer that makes no sense."""
    assert "not as a Docker engine" in explained(KeyError("geheim")).message


def test_our_own_errors_pass_through() -> None:
    """They have better words."""
    assert explained(CouldNotLook("as it is")).message == "as it is"


def test_a_program_that_is_not_there() -> None:
    """Told by the engine's words; an error without answer is none of that."""
    assert is_missing_program(EngineSaid(500, 'exec: "env": executable file not found in $PATH'))
    assert not is_missing_program(EngineSaid(409, "is not running"))
    assert not is_missing_program(ValueError("executable file not found"))
