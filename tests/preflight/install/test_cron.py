"""preflight/install/cron.py"""

import json
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from preflight.errors import ConfigurationError, CouldNotLook
from preflight.install.cron import system_change, system_line, user_change, user_line, with_block
from preflight.install.seal import seal
from tests.preflight.install.jobs import JOB
from tests.real.cron import RealCron

RECORDER = """\
import json, os, sys
umask = os.umask(0)
with open(sys.argv[1], "a") as file:
    said = {"argv": sys.argv[2:], "env": dict(os.environ), "umask": umask, "tty": os.isatty(0)}
    print(json.dumps(said), file=file)
"""
ODD = '100% a\'s $HOME `x` & "b" #c'


def block(folder: str = "/srv/app", name: str = "preflight-app") -> str:
    """Return the job's lines in a crontab."""
    return f"# BEGIN {name}\n{seal(user_line(JOB), folder)}# END {name}\n"


def test_the_line_has_a_user_and_an_absolute_program() -> None:
    """Six columns before the command, as cron(8) wants them in /etc/cron.d."""
    line = system_line(replace(JOB, configuration=Path("/srv/app/preflight.yaml"), run_as="deploy"))

    assert line == (
        "*/5 * * * * deploy PATH=/usr/bin:/bin /opt/bin/preflight -C /srv/app run -q --stage after --record "
        "--on-change --config /srv/app/preflight.yaml\n"
    )
    assert "root PATH=" in system_line(JOB)


def test_a_percent_sign_does_not_end_the_command() -> None:
    """crontab(5): an unescaped one becomes a line end."""
    line = user_line(replace(JOB, folder=Path("/srv/100%")))

    assert r"-C /srv/100\% run" in line


def test_a_command_longer_than_cron_keeps_is_refused() -> None:
    """Cron would cut it off in silence."""
    with pytest.raises(ConfigurationError, match="998 characters"):
        system_line(replace(JOB, folder=Path("/srv", "x" * 950)))


def test_installing_twice_changes_nothing_and_removing_leaves_nothing(tmp_path: Path) -> None:
    """Written, found as it should be, changed, removed."""
    change = system_change(JOB, remove=False, folder=tmp_path)
    change.put(change.after)
    file = tmp_path / "preflight-app"
    assert file.stat().st_mode & 0o777 == 0o644
    assert not system_change(JOB, remove=False, folder=tmp_path).needed

    hourly = system_change(replace(JOB, seconds=3600), remove=False, folder=tmp_path)
    hourly.put(hourly.after)
    assert "0 * * * * root" in file.read_text()

    away = system_change(JOB, remove=True, folder=tmp_path)
    away.put(away.after)
    assert list(tmp_path.iterdir()) == []
    assert not system_change(JOB, remove=True, folder=tmp_path).needed


@pytest.mark.parametrize("remove", [False, True])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0 0 * * * root true\n", "preflight did not write it"),
        (f"{seal(system_line(JOB), '/srv/app')}# and a line more\n", "was edited"),
        (seal(system_line(JOB), "/srv/other"), "job of another folder: /srv/other"),
    ],
)
def test_what_is_not_ours_or_was_edited_is_left(tmp_path: Path, text: str, said: str, remove: bool) -> None:
    """Neither replaced nor removed."""
    (tmp_path / "preflight-app").write_text(text)

    with pytest.raises(ConfigurationError, match=said):
        system_change(JOB, remove=remove, folder=tmp_path)

    assert (tmp_path / "preflight-app").read_text() == text


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    """Root would write through it."""
    (tmp_path / "preflight-app").symlink_to(tmp_path / "victim")

    with pytest.raises(ConfigurationError, match="is a link"):
        system_change(JOB, remove=False, folder=tmp_path)


def test_a_host_without_cron_is_told_what_else_there_is(tmp_path: Path) -> None:
    """The folder is cron's to make."""
    with pytest.raises(ConfigurationError, match="this host has no") as refused:
        system_change(JOB, remove=False, folder=tmp_path / "cron.d")

    assert "systemd" in refused.value.hint


@pytest.mark.parametrize("before", ["", "MAILTO=ops\n0 1 * * * backup\n", "# a comment without an end", "\n\n"])
def test_only_our_lines_of_a_crontab_are_touched(before: str) -> None:
    """Whatever else is there stays, byte for byte; removing restores it."""
    ours = seal(user_line(JOB), "/srv/app")
    whole = before if before.endswith("\n") or not before else f"{before}\n"

    after = with_block(before, JOB, ours)

    assert after == whole + block()
    assert with_block(after, JOB, ours) == after
    assert with_block(f"{after}0 2 * * * later\n", JOB, "") == f"{whole}0 2 * * * later\n"
    assert with_block(after, JOB, "") == whole


@pytest.mark.parametrize(
    ("crontab", "said"),
    [
        ("# BEGIN preflight-app\n* * * * * x\n", "but not"),
        ("# BEGIN preflight-app\n* * * * * x\n# END preflight-app\n", "did not write it"),
        (block().replace("*/5", "*/6"), "was edited"),
        (block("/srv/other"), "another folder"),
    ],
)
def test_edited_lines_of_a_crontab_are_left(crontab: str, said: str) -> None:
    """As with a file."""
    with pytest.raises(ConfigurationError, match=said):
        with_block(crontab, JOB, "")


def test_a_crontab_that_refuses_is_an_error_in_its_words(tmp_path: Path) -> None:
    """E.g. a user whom /etc/cron.deny names."""
    program = tmp_path / "crontab"
    program.write_text("#!/bin/sh\necho 'You (x) are not allowed to use this program (crontab)' >&2\nexit 1\n")
    program.chmod(0o755)

    with pytest.raises(CouldNotLook, match="not allowed to use this program"):
        user_change(JOB, {"PATH": str(tmp_path)}, remove=False)


def test_a_host_without_crontab_is_told_what_else_there_is() -> None:
    """As with the system's folder."""
    with pytest.raises(ConfigurationError, match="has no crontab") as refused:
        user_change(JOB, {"PATH": "/nowhere"}, remove=False)

    assert "systemd --user" in refused.value.hint


def test_a_real_cron_runs_both_kinds_of_line(tmp_path: Path) -> None:
    """With every word as it was, whatever is in it; and in cron's bare environment."""
    cron = RealCron(tmp_path)
    recorder = tmp_path / "recorder.py"
    recorder.write_text(RECORDER)
    folder = tmp_path / ODD
    folder.mkdir()
    system, user = (
        replace(JOB, program=(sys.executable, str(recorder), str(tmp_path / kind)), folder=folder, seconds=60)
        for kind in ("by-system", "by-user")
    )
    (tmp_path / "system").write_text(seal(system_line(system), str(folder)))
    (tmp_path / "user").write_text(with_block("MAILTO=ops\n", user, seal(user_line(user), str(folder))))
    parsed = subprocess.run([cron.crontab, "-n", tmp_path / "user"], capture_output=True, text=True, check=False)
    assert parsed.returncode == 0, parsed.stderr

    here = shlex.quote(str(tmp_path))
    done = cron.run(f"install -m 644 {here}/system /etc/cron.d/{JOB.name}\ncrontab {here}/user", minutes=3)

    for job in (system, user):
        record = Path(job.program[2])
        assert record.exists(), done
        runs = [json.loads(line) for line in record.read_text().splitlines()]
        assert len(runs) >= 1
        for run in runs:
            assert tuple(run["argv"]) == job.command[len(job.program) :]
            assert run["env"]["PATH"] == JOB.path
            assert "PYTHONPATH" not in run["env"]
            assert not run["tty"]
            assert run["umask"] == 0o077
    assert cron.mails == []
