"""collection/playbooks/rolling_update.yml, with real Ansible and a program in the place of preflight."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.collection.test_preflight_module import SECRET, ansible, folder

__all__ = ["folder"]

NAMES = ("web-1", "web-2", "web-3")


def roll_out(folder: Path, *options: str, **given: object) -> subprocess.CompletedProcess[str]:
    """Play it; each rollout leaves a file."""
    words = {"preflight_pull": False, "preflight_rollout": ["touch", "rolled-out"], "preflight_wait": 0, **given}
    playbook = "deploy_preflight.preflight.rolling_update"
    return ansible(folder, "ansible-playbook", "-i", "hosts", playbook, "-e", json.dumps(words), *options)


def rolled(folder: Path) -> list[bool]:
    """Return on which hosts something was rolled out."""
    return [(folder / name / "rolled-out").exists() for name in NAMES]


def make_well(folder: Path, name: str) -> None:
    """A host runs what is pinned."""
    (folder / name / "after.json").write_text((folder / "web-1" / "after.json").read_text())


def test_it_stops_at_the_first_host_that_is_wrong_afterwards(folder: Path) -> None:
    """The first host is rolled out and well, the second is not well, the third is not touched; no log has a secret."""
    done = roll_out(folder, "-vvv", preflight_secrets={"TOKEN": SECRET})

    assert done.returncode != 0
    assert rolled(folder) == [True, True, False]
    assert "runs/stale: app-1 carries an earlier pin" in done.stdout
    assert "web-2 was rolled out and does not run what is pinned" in done.stdout
    assert "preflight pin rollback" in done.stdout
    assert not (folder / "web-3" / "asked").exists()
    assert (folder / "web-2" / "asked").read_text().count(SECRET) == 2
    assert SECRET not in done.stdout + done.stderr + (folder / "log").read_text()


def test_it_rolls_out_on_no_host_of_a_group_in_which_one_may_not_be(folder: Path) -> None:
    """Two at a time: the first may be rolled out, the second gives no report, so that neither is."""
    (folder / "web-2" / "before.json").write_text("{}")

    done = roll_out(folder, preflight_serial=2)

    assert done.returncode != 0
    assert rolled(folder) == [False, False, False]
    assert "was rolled out" not in done.stdout


@pytest.mark.parametrize("serial", [1, 2])
def test_a_host_that_cannot_be_reached_stops_it(folder: Path, serial: int) -> None:
    """No host behind it is touched, and none beside it."""
    hosts = (folder / "hosts").read_text()
    lost = "web-2 ansible_connection=ssh ansible_host=127.0.0.1 ansible_port=1"
    (folder / "hosts").write_text(hosts.replace("web-2 ansible_connection=local", lost))

    done = roll_out(folder, preflight_serial=serial)

    assert done.returncode != 0
    assert "unreachable=1" in done.stdout
    lost = {1: '"web-2', 2: '"web-1, web-2'}[serial]
    assert f"{lost} failed or could not be reached: nothing is done behind it" in done.stdout
    assert rolled(folder) == [serial == 1, False, False]


def test_a_rollout_that_hangs_stops_it_and_check_mode_rolls_out_nothing(folder: Path) -> None:
    """Check mode looks at every host, and changes none."""
    for name in NAMES:
        make_well(folder, name)

    checked = roll_out(folder, "--check")

    assert checked.returncode == 0, checked.stdout
    assert rolled(folder) == [False, False, False]
    assert [(folder / name / "asked").exists() for name in NAMES] == [True, True, True]

    done = roll_out(folder, preflight_rollout=["sleep", "60"], preflight_rollout_timeout=1)

    assert done.returncode != 0
    assert "web-1 was rolled out and does not run what is pinned" in done.stdout
    assert "web-2 " not in done.stdout.partition("PLAY RECAP")[2]
