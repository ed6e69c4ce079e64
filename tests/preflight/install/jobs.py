"""A job to test with."""

from pathlib import Path

from preflight.install.job import Job

JOB = Job(
    name="preflight-app",
    program=("/opt/bin/preflight",),
    folder=Path("/srv/app"),
    seconds=300,
    path="/usr/bin:/bin",
)
