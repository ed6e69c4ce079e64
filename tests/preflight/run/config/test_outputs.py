"""preflight/run/config/outputs.py"""

import os
from pathlib import Path

import pytest

from preflight.run.config.outputs import is_stream, why_not_written
from tests.real.git import GIT_ENVIRON, GitRepository

ENVIRON = {"PATH": os.environ.get("PATH", os.defpath), **GIT_ENVIRON}


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("report.json", ""),
        ("reports/new.json", ""),
        ("old.json", ""),
        ("../x", "may not write outside its folder"),
        ("/etc/passwd", "may not write outside its folder"),
        ("away/x", "may not write outside its folder"),
        (".git/config", "may not write into .git"),
        ("inner/.Git/x", "may not write into .git"),
        ("read.env", "may not overwrite a file that is read here"),
        ("link.env", "may not overwrite a file that is read here"),
        ("docker/compose.yaml", "may not overwrite a file that is read here"),
        ("docker/.env", "may not overwrite a file that is read here"),
        ("tracked.json", "may not overwrite a file that git tracks"),
        ("removed.json", "may not overwrite a file that git tracks"),
    ],
)
def test_where_a_report_may_be_written(git_repository: GitRepository, target: str, why: str) -> None:
    """A new file, or an old report that git does not track."""
    folder = git_repository.path
    git_repository.commit({"tracked.json": "{}", "removed.json": "{}"})
    git_repository.git("rm", "--quiet", "--cached", "removed.json")
    git_repository.write({"old.json": "{}", "read.env": "A=1\n"})
    (folder / "link.env").symlink_to("read.env")
    (folder / "away").symlink_to("/usr")

    assert why_not_written(folder / target, folder, [folder / "read.env"], ENVIRON) == why


def test_outside_git_what_is_read_is_safe_as_well(tmp_path: Path) -> None:
    """No git is needed for that."""
    (tmp_path / "report.json").write_text("{}")
    environ = {"PATH": "/nonexistent"}

    assert why_not_written(tmp_path / "report.json", tmp_path, [], environ) == ""
    assert why_not_written(tmp_path / "compose.yml", tmp_path, [], environ) != ""
    for name in ("app.env", "compose.app.yaml"):
        (tmp_path / name).write_text("")
        assert (
            why_not_written(tmp_path / name, tmp_path, [], environ) == "may not overwrite a file that may be read here"
        )


def test_a_stream_is_no_file() -> None:
    """`-` is standard output everywhere else; a file of that name is written as `./-`."""
    streams = ["-", "/dev/stdout", "/dev/stderr", "/dev/fd/1", "/proc/self/fd/2", "/proc/1/fd/1"]
    names = ["./-", "--", "a-", "/dev/fd/x", "fd/1"]

    assert [file for file in (*streams, *names) if is_stream(file)] == streams
