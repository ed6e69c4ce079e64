"""What somebody who installs a job should know, and cannot see in its file."""

import getpass
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from preflight.install.job import Job
from preflight.install.systemd import history_of_service, lingers

_MATTERS = frozenset(
    {
        *("GHCR_TOKEN", "GITHUB_TOKEN", "GH_TOKEN", "GITHUB_API_URL"),
        *("DOCKER_HOST", "DOCKER_CONFIG", "DOCKER_CONTEXT"),
        *("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"),
    }
)
_OURS = "PREFLIGHT_"
_CARRIED = "PREFLIGHT_CONFIG"


def notes(job: Job, environ: Mapping[str, str], *, user: bool, timer: bool) -> Iterator[str]:
    """Yield one line for each thing.

    Args:
        job: What is installed.
        environ: The environment it was installed in; no value of it is shown.
        user: Whether it is for one user.
        timer: systemd runs it.
    """
    lost = sorted(name for name in environ if name in _MATTERS or (name.startswith(_OURS) and name != _CARRIED))
    if lost:
        yield f"the job will not see these variables of your environment: {', '.join(lost)}"
    place = job.configuration.parent if job.configuration else job.folder
    if not job.names_files and not (place.is_relative_to(job.folder) or job.folder.is_relative_to(place)):
        yield (
            f"the job will look for compose files in {place} and above, not in {job.folder}:"
            " name them in the configuration, as absolute paths: compose: {files: [FILE]}"
        )
    if not user and job.run_as in ("", "root"):
        others = next((each for each in _on_the_way(Path(job.program[0])) if _owner_is_other(each)), None)
        if others is not None:
            yield f"root will run {job.program[0]}, but others than root can change {others}"
    if timer and not user and job.history is None:
        yield f"to see what the job records: preflight history --history {history_of_service(job)}"
    if user and timer and not lingers(getpass.getuser()):
        yield "the timer runs only while you are logged in, until you allow more: loginctl enable-linger"


def _on_the_way(program: Path) -> Iterator[Path]:
    real = Path(os.path.realpath(program))
    yield from (program, real, *real.parents, *program.parents)


def _owner_is_other(path: Path) -> bool:
    state = path.stat()
    return state.st_uid != 0 or (bool(state.st_mode & 0o002) and not state.st_mode & 0o1000)
