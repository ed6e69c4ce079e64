"""preflight/install/notes.py"""

from dataclasses import replace
from pathlib import Path

import pytest

from preflight.install.notes import notes
from tests.preflight.install.jobs import JOB

SH = replace(JOB, program=("/bin/sh",))


def test_a_variable_that_the_job_lacks_is_named_without_its_value() -> None:
    """It may be a token."""
    environ = {"GHCR_TOKEN": "s3cret", "PREFLIGHT_TIMEOUT": "5", "PREFLIGHT_CONFIG": "x", "LANG": "C"}

    [note] = notes(SH, environ, user=False, timer=False)

    assert note.endswith("GHCR_TOKEN, PREFLIGHT_TIMEOUT")


def test_a_program_that_others_can_change_is_named(tmp_path: Path) -> None:
    """Root would run what they put there."""
    program = tmp_path / "preflight"
    program.write_text("")
    program.chmod(0o777)
    job = replace(JOB, program=(str(program),))

    [note] = notes(job, {}, user=False, timer=False)
    assert note == f"root will run {program}, but others than root can change {program}"
    assert list(notes(job, {}, user=True, timer=False)) == []
    assert list(notes(replace(job, run_as="nobody"), {}, user=False, timer=False)) == []
    assert list(notes(SH, {}, user=False, timer=False)) == []


def test_a_users_timer_ends_with_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless the user lingers."""
    [note] = notes(SH, {}, user=True, timer=True)
    assert "loginctl enable-linger" in note

    monkeypatch.setattr("preflight.install.notes.lingers", lambda _user: True)
    assert list(notes(SH, {}, user=True, timer=True)) == []


def test_the_history_of_a_service_is_named() -> None:
    """`preflight history` alone would look for another one."""
    [note] = notes(SH, {}, user=False, timer=True)

    assert note.endswith(f"preflight history --history /var/lib/{SH.name}/history.db")
    assert list(notes(replace(SH, history=Path("/var/h.db")), {}, user=False, timer=True)) == []


@pytest.mark.parametrize(
    ("configuration", "names_files", "said"),
    [
        ("/etc/preflight/app.yaml", False, 1),
        ("/etc/preflight/app.yaml", True, 0),
        ("/srv/app/deploy/preflight.yaml", False, 0),
        ("/srv/preflight.yaml", False, 0),
    ],
)
def test_a_configuration_elsewhere_has_to_name_the_compose_files(
    configuration: str, names_files: bool, said: int
) -> None:
    """They are looked for beside it: the job would find none in each run."""
    job = replace(SH, configuration=Path(configuration), names_files=names_files)

    found = list(notes(job, {}, user=False, timer=False))

    assert len(found) == said
    assert all("compose files in /etc/preflight and above, not in /srv/app" in note for note in found)
