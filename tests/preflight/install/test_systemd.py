"""preflight/install/systemd.py"""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest

from preflight.errors import ConfigurationError, CouldNotLook
from preflight.install.job import Job
from preflight.install.systemd import Systemctl, service, timer, unit_changes, unit_folder
from tests.preflight.install.jobs import JOB

REAL = replace(JOB, program=(sys.executable, "-m", "preflight"))


def written(job: Job, folder: Path, *, user: bool = False) -> list[Path]:
    """Install a job's units into a folder and return them."""
    changes = unit_changes(job, folder, user=user, remove=False)
    for change in changes:
        change.put(change.after)
    return [Path(change.where) for change in changes]


@pytest.mark.parametrize(
    ("seconds", "user", "mail"), [(300, False, False), (420, False, True), (300, True, False), (86400, True, True)]
)
def test_systemd_accepts_the_units(
    tmp_path: Path, systemd_analyze: str, seconds: float, user: bool, mail: bool
) -> None:
    """Without a warning, whatever is in the paths."""
    folder, writes = Path("/srv/100% $HOME 'x' \"y\""), (Path("/var/a b"),)
    units = written(replace(REAL, seconds=seconds, folder=folder, mail=mail, writes=writes), tmp_path, user=user)

    scope = ["--user"] if user else []
    done = subprocess.run(
        [systemd_analyze, *scope, "--man=no", "verify", *units],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)},
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_systemd_rates_the_service_as_hardened(tmp_path: Path, systemd_analyze: str) -> None:
    """Its own measure of exposure: below 5 of 10, where a unit without any of it has 9.6."""
    unit, _ = written(REAL, tmp_path)

    done = subprocess.run(
        [systemd_analyze, "security", "--offline=yes", "--threshold=50", "--no-pager", unit],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-300:]


def test_what_the_service_may_write() -> None:
    """Its state and cache, and what the configuration names."""
    plain = service(JOB, user=False).splitlines()
    assert "ProtectSystem=strict" in plain
    assert "NoNewPrivileges=yes" in plain
    assert "StateDirectory=preflight-app" in plain
    assert "Environment=PREFLIGHT_HISTORY=/var/lib/preflight-app/history.db" in plain
    assert not [line for line in plain if line.startswith("ReadWritePaths")]

    job = replace(JOB, history=Path("/data/h/history.db"), writes=(Path("/var/lib/node exporter"),))
    named = service(job, user=False).splitlines()
    assert "ReadWritePaths=-/data/h" in named
    assert 'ReadWritePaths="-/var/lib/node exporter"' in named
    assert not [line for line in named if "StateDirectory" in line or "PREFLIGHT_HISTORY" in line]


def test_a_program_that_unpacks_itself_does_so_where_the_service_may_write(tmp_path: Path) -> None:
    """What `make zipapp` writes; a user's own service has its home."""
    file = tmp_path / "preflight"
    with ZipFile(file, "w") as archive:
        archive.writestr("__main__.py", "")
    job = replace(JOB, program=(str(file),))

    assert "Environment=SHIV_ROOT=/var/cache/preflight-app/unpacked" in service(job, user=False).splitlines()
    assert "SHIV_ROOT" not in service(job, user=True) + service(JOB, user=False)


def test_sendmail_needs_its_queue_and_its_capabilities() -> None:
    """A job that sends no mail gets neither."""
    assert "ReadWritePaths=-/var/spool" in service(replace(JOB, mail=True), user=False)
    assert "CapabilityBoundingSet" not in service(replace(JOB, mail=True), user=False)
    assert "CapabilityBoundingSet" in service(JOB, user=False)
    assert "/var/spool" not in service(JOB, user=False)


def test_a_run_that_hangs_is_ended() -> None:
    """``RuntimeMaxSec=`` counts for every type but ``oneshot``."""
    text = service(replace(JOB, limit_s=1234.5), user=False)

    assert "Type=exec\n" in text
    assert "RuntimeMaxSec=1235s\n" in text


def test_a_users_own_units_need_no_namespaces() -> None:
    """Many kernels let only root make them; and no User= there."""
    text = service(JOB, user=True)

    assert "NoNewPrivileges=yes" in text
    for word in ("ProtectSystem", "PrivateTmp", "User=", "docker.service", "StateDirectory"):
        assert word not in text


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"HOME": "/home/a"}, "/home/a/.config/systemd/user"),
        ({"HOME": "/home/a", "XDG_CONFIG_HOME": "/x"}, "/x/systemd/user"),
    ],
)
def test_where_a_users_units_are(environ: dict[str, str], folder: str) -> None:
    """As systemd.unit(5) says."""
    assert unit_folder(environ, user=True) == Path(folder)
    assert unit_folder(environ, user=False) == Path("/etc/systemd/system")


def test_without_a_home_there_is_no_such_place() -> None:
    """Nothing is guessed."""
    with pytest.raises(ConfigurationError, match="HOME is not set"):
        unit_folder({}, user=True)


def test_installing_twice_changes_nothing_and_removing_leaves_nothing(tmp_path: Path) -> None:
    """Both files; the folder is made where it is missing."""
    folder = tmp_path / "systemd" / "user"
    written(JOB, folder, user=True)
    assert sorted(file.name for file in folder.iterdir()) == ["preflight-app.service", "preflight-app.timer"]
    assert not any(change.needed for change in unit_changes(JOB, folder, user=True, remove=False))

    for change in unit_changes(JOB, folder, user=True, remove=True):
        change.put(change.after)
    assert list(folder.iterdir()) == []
    assert not any(change.needed for change in unit_changes(JOB, folder, user=True, remove=True))


@pytest.mark.parametrize("remove", [False, True])
def test_one_edited_file_leaves_both(tmp_path: Path, remove: bool) -> None:
    """It is seen before anything is written."""
    unit, clock = written(JOB, tmp_path)
    clock.write_text(clock.read_text().replace("0/5", "0/6"))
    texts = [unit.read_text(), clock.read_text()]

    with pytest.raises(ConfigurationError, match=r"preflight-app\.timer was edited"):
        unit_changes(replace(JOB, seconds=3600), tmp_path, user=False, remove=remove)

    assert [unit.read_text(), clock.read_text()] == texts


def test_a_real_systemctl_enables_the_timer(tmp_path: Path) -> None:
    """In a root of its own, where systemd need not run: the [Install] section does what it should."""
    folder = tmp_path / "etc" / "systemd" / "system"
    written(JOB, folder)
    root = ["systemctl", f"--root={tmp_path}"]

    subprocess.run([*root, "enable", "preflight-app.timer"], capture_output=True, check=True)
    link = folder / "timers.target.wants" / "preflight-app.timer"
    assert link.is_symlink()
    subprocess.run([*root, "disable", "preflight-app.timer"], capture_output=True, check=True)
    assert not link.is_symlink()


def recorder(folder: Path, exit_code: int = 0) -> dict[str, str]:
    """Put a systemctl on PATH that writes down how it was called."""
    program = folder / "systemctl"
    program.write_text(f'#!/bin/sh\necho "$@" >>{folder}/calls\necho "no bus" >&2\nexit {exit_code}\n')
    program.chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin"}


def test_what_systemctl_is_asked(tmp_path: Path) -> None:
    """The files are read before the timer starts; it stops before they go."""
    environ = recorder(tmp_path)

    Systemctl(environ, user=False).activate(JOB, changed=True)
    Systemctl(environ, user=True).activate(JOB, changed=False)
    Systemctl(environ, user=True).deactivate(JOB)

    assert (tmp_path / "calls").read_text().splitlines() == [
        "daemon-reload",
        "enable preflight-app.timer",
        "restart preflight-app.timer",
        "--user daemon-reload",
        "--user enable preflight-app.timer",
        "--user start preflight-app.timer",
        "--user disable --now preflight-app.timer",
    ]


def test_a_systemctl_that_refuses_is_quoted(tmp_path: Path) -> None:
    """With what it said."""
    with pytest.raises(CouldNotLook, match="`systemctl --user daemon-reload` refused: no bus"):
        Systemctl(recorder(tmp_path, 1), user=True).reload()


def test_a_host_without_systemd_is_told_what_else_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """sd_booted(3) looks at the same folder."""
    monkeypatch.setattr("preflight.install.systemd.RUNNING", tmp_path / "none")

    with pytest.raises(ConfigurationError, match="systemd does not run") as refused:
        Systemctl({}, user=False).refuse_absence()

    assert "install cron" in refused.value.hint


def test_the_timer_says_when() -> None:
    """And is started with all other timers."""
    assert "OnCalendar=*:0/5\nPersistent=true\n" in timer(JOB)
    assert timer(JOB).endswith("[Install]\nWantedBy=timers.target\n")
