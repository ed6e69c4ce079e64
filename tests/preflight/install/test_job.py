"""preflight/install/job.py"""

from dataclasses import replace
from pathlib import Path

import pytest

from preflight.errors import ConfigurationError
from preflight.install.job import Job, name_for, refuse_odd
from tests.preflight.install.jobs import JOB


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("/srv/app", "preflight-app"),
        ("/srv/My App v1.2", "preflight-My-App-v1-2"),
        ("/", "preflight"),
        ("/srv/ü", "preflight"),
        (f"/srv/{'x' * 200}", f"preflight-{'x' * 40}"),
    ],
)
def test_a_folder_gives_a_name_that_cron_and_systemd_accept(folder: str, name: str) -> None:
    """Cron passes over a file with a dot in its name."""
    assert name_for(Path(folder)) == name
    refuse_odd(replace(JOB, name=name))


@pytest.mark.parametrize(
    ("job", "said"),
    [
        (replace(JOB, name="a.b"), "--name may hold only"),
        (replace(JOB, name="../x"), "--name may hold only"),
        (replace(JOB, name=""), "--name may hold only"),
        (replace(JOB, run_as="root x"), "--run-as"),
        (replace(JOB, run_as="no-such-user-here"), "--run-as"),
        (replace(JOB, folder=Path("/srv/a\nb")), "cannot keep"),
        (replace(JOB, folder=Path("/srv/a\\b")), "cannot keep"),
        (replace(JOB, history=Path("/srv/a\nExecStart=/bin/b")), "cannot keep"),
        (replace(JOB, writes=(Path("/srv/a\nExecStart=/bin/b"),)), "cannot keep"),
    ],
)
def test_what_a_crontab_cannot_say_is_refused(job: Job, said: str) -> None:
    """A line end would begin a line of its own, to be run as root."""
    with pytest.raises(ConfigurationError, match=said):
        refuse_odd(job)


def test_the_configuration_is_named_only_where_somebody_named_it() -> None:
    """What is merely found is found by the job, too."""
    assert "--config" not in JOB.command
    assert replace(JOB, configuration=Path("/c.yaml")).command[-2:] == ("--config", "/c.yaml")
