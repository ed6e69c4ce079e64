"""Builds the tool's image on a base made here, and runs it as the README says against the sample stack.

A public base image is not needed: ``debootstrap`` makes a bare Debian 13, which is what the image's base is except for
the way Python comes. Needs root, and a network that leads to Debian and PyPI (``PIP_INDEX_URL`` is handed on, if set).
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from provision import busybox
from provision.cache import CACHE, ROOT, filling
from provision.command import run
from provision.compose_binaries import plugin_folder
from provision.errors import ProvisionError
from provision.keeper import kept
from provision.packages import install
from provision.registry import RegistryClient
from provision.sample import COMPOSE_FILE, IMAGE, Sample, check_out

BASE = "preflight-base:trixie"
TOOL = "preflight:try"
TRUSTED = Path("/etc/ssl/certs/ca-certificates.crt")
SOCKET = "/var/run/docker.sock"
PLUGINS = "/usr/libexec/docker/cli-plugins"
SIDECAR = "preflight-sidecar"
WRONG = "ghcr.io/ls1intum/hephaestus/agent:latest"


def main() -> int:
    """Build, try, and tell; a problem is one line on standard error."""
    try:
        with ExitStack() as stack:
            return _try(stack)
    except ProvisionError as error:
        print(f"\ncannot go on: {error.message}\n  -> {error.remedy}", file=sys.stderr)
        return 1


def _try(stack: ExitStack) -> int:
    environ = {"DOCKER_HOST": stack.enter_context(kept("engine")), "DOCKER_BUILDKIT": "0"}
    with _timed("the base"):
        run(["docker", "import", str(_base()), BASE], env=environ, seconds=300)
    with _timed("the image"):
        _build(environ)
    size = run(["docker", "image", "inspect", "--format", "{{.Size}}", TOOL], env=environ)
    print(f"the image has {int(size) >> 20} MiB, its base with it", flush=True)
    _see_that_versions_are_locked(environ)
    registry = RegistryClient(stack.enter_context(kept("registry")))
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="preflight-image-")))
    folder.chmod(0o755)  # the image's own user is neither root nor the owner, and has to read it
    plugins = folder / "cli-plugins"  # as on a host: a folder that holds the program, not a link out of it
    plugins.mkdir()
    shutil.copy((plugin_folder() / "cli-plugins" / "docker-compose").resolve(), plugins)
    sample = check_out(folder / "hephaestus", registry)
    stack.enter_context(_deployed(sample, {**environ, "DOCKER_CONFIG": str(plugin_folder())}))
    return _judge(sample, environ, plugins)


def _judge(sample: Sample, environ: Mapping[str, str], plugins: Path) -> int:
    mounted = ("--mount", f"type=bind,source={plugins},target={PLUGINS},readonly")
    wrong = []
    for what, arguments, expected in (
        ("as the README says", mounted, 0),
        ("as root", (*mounted, "--user", "0:0"), 0),
        ("without the host's Compose, which nobody can judge then", (), 3),
        ("without the group of the socket", ("--no-group", *mounted), 3),
    ):
        wrong += _preflight(what, sample, environ, arguments, expected)
    wrong += _hook(sample, environ, mounted)
    sample.shadow(WRONG)
    wrong += _preflight("with something that overrides the pin file", sample, environ, mounted, 1)
    print("\nthe image does what it should" if not wrong else f"\nnot as it should be: {'; '.join(wrong)}")
    return 1 if wrong else 0


def _base() -> Path:
    """Return a bare Debian 13 as a tar archive, made once and then kept."""
    folder = CACHE / "base" / "trixie"
    with filling(folder) as draft:
        if draft is not None:
            install(["debootstrap"])
            root = draft / "root"
            packages = "--include=python3,python3-venv,ca-certificates"
            source = ("trixie", str(root), "http://deb.debian.org/debian")
            run(["debootstrap", "--variant=minbase", packages, *source], seconds=900)
            if TRUSTED.exists():  # whom this machine trusts, the build trusts: there may be a proxy of one's own
                shutil.copy(TRUSTED, root / TRUSTED.relative_to("/"))
            run(["tar", "-C", str(root), "-cf", str(draft / "root.tar"), "."], seconds=300)
            shutil.rmtree(root)
    return folder / "root.tar"


def _build(environ: Mapping[str, str]) -> None:
    given = [f"BASE={BASE}", f"REVISION={run(['git', 'rev-parse', 'HEAD'], cwd=ROOT).strip()}"]
    given += [f"PIP_INDEX_URL={os.environ['PIP_INDEX_URL']}"] if os.environ.get("PIP_INDEX_URL") else []
    arguments = [word for argument in given for word in ("--build-arg", argument)]
    dockerfile = ("--file", "docker/Dockerfile")
    # our engine has no bridge
    build = ["docker", "build", "--network", "host", *dockerfile, *arguments, "--tag", TOOL, "."]
    run(build, env=environ, cwd=ROOT, seconds=1800)


def _see_that_versions_are_locked(environ: Mapping[str, str]) -> None:
    """See that the image holds the Python packages of requirements/run.txt in these versions, and no others."""
    script = "import importlib.metadata as m; print(*(f'{d.name}=={d.version}' for d in m.distributions()), sep='\\n')"
    python = ("--entrypoint", "/opt/preflight/bin/python", TOOL, "-c", script)
    found = run(["docker", "run", "--rm", "--network", "none", *python], env=environ).split()
    inside = {re.sub(r"[-_.]+", "-", line.partition("==")[0]).lower(): line.partition("==")[2] for line in found}
    inside.pop("deploy-preflight")
    text = (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")
    locked = dict(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", text, re.MULTILINE))
    if wrong := sorted(name for name, version in inside.items() if locked.get(name) != version):
        raise ProvisionError(f"not as locked: {', '.join(wrong)}", "see the build stage of docker/Dockerfile")


@contextmanager
def _deployed(sample: Sample, environ: Mapping[str, str]) -> Iterator[None]:
    """Have the stack run; it ends with its engine."""
    busybox.import_image(IMAGE, environ)
    run(["docker", "compose", "--file", COMPOSE_FILE, "up", "--detach"], env=environ, cwd=sample.path)
    yield


def _preflight(
    what: str, sample: Sample, environ: Mapping[str, str], arguments: tuple[str, ...], expected: int
) -> list[str]:
    """Run the image once.

    Returns:
        What is wrong, if the exit code is not the expected one.
    """
    socket = environ["DOCKER_HOST"].removeprefix("unix://")
    group = ("--group-add", str(Path(socket).stat().st_gid))
    arguments = arguments[1:] if arguments[:1] == ("--no-group",) else (*group, *arguments)
    command = [
        *(
            "docker",
            "run",
            "--rm",
            "--read-only",
            "--tmpfs=/tmp",
            "--cap-drop",
            "ALL",
            "--network",
            "host",
            *arguments,
        ),
        *("--mount", f"type=bind,source={socket},target={SOCKET}"),
        *("--mount", f"type=bind,source={sample.path},target={sample.path},readonly", "--workdir", str(sample.path)),
        *(TOOL, "run", "--registry-insecure", sample.registry),
    ]
    print(f"\n{what}:\n$ {' '.join(command)}", flush=True)
    start = time.monotonic()
    done = subprocess.run(command, env={**os.environ, **environ}, check=False, timeout=120)
    print(f"(exit code {done.returncode}, {time.monotonic() - start:.1f} s)", flush=True)
    return [] if done.returncode == expected else [f"exit code {done.returncode} instead of {expected} {what}"]


def _hook(sample: Sample, environ: Mapping[str, str], mounted: tuple[str, ...]) -> list[str]:
    """Run the image as the sidecar of docker/coolify/, and the hook in it as Coolify does: once good, once not.

    Returns:
        What is wrong, if an exit code is not the expected one.
    """
    socket = environ["DOCKER_HOST"].removeprefix("unix://")
    tight = ("--user", "0:0", "--cap-drop", "ALL", "--cap-add", "DAC_READ_SEARCH", "--read-only")
    mounts = ("--tmpfs", "/tmp:size=256m", "--tmpfs", "/var/lib/preflight", *mounted)  # noqa: S108 -- in the container
    mounts += ("--mount", f"type=bind,source={socket},target={SOCKET}")
    mounts += ("--mount", f"type=bind,source={sample.path},target={sample.path},readonly")
    idle = ("--entrypoint", "/usr/bin/tini", TOOL, "--", "sleep", "infinity")
    run(["docker", "run", "--detach", "--name", SIDECAR, "--network", "host", *tight, *mounts, *idle], env=environ)
    wrong = []
    for what, branch, expected in (("the hook in the sidecar", "main", 0), ("the hook for no branch", "nope", 3)):
        line = f"preflight hook --repository {sample.path} --branch {branch} --registry-insecure {sample.registry}"
        command = ["docker", "exec", SIDECAR, "sh", "-c", line]
        print(f"\n{what}:\n$ {' '.join(command)}", flush=True)
        done = subprocess.run(command, env={**os.environ, **environ}, check=False, timeout=120)
        print(f"(exit code {done.returncode})", flush=True)
        wrong += [] if done.returncode == expected else [f"exit code {done.returncode} instead of {expected}, {what}"]
    return wrong


@contextmanager
def _timed(what: str) -> Iterator[None]:
    start = time.monotonic()
    yield
    print(f"{what} is there after {time.monotonic() - start:.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
