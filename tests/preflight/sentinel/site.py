"""A checkout with a remote, a Coolify that deploys from it, and the tool that stands between."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from preflight.sentinel.probe import PREFIX
from tests.preflight.sentinel.state import production
from tests.real.cli import PreflightCli
from tests.real.coolify import Application, Coolify
from tests.real.git import GitRepository

VARIABLE = "AGENT_IMAGE"
PIN = f"{VARIABLE}=ghcr.io/example/agent@sha256:" + "1" * 64 + "\n"
COMPOSE = """\
services:
  app:
    image: {image}
    network_mode: host
    stop_grace_period: 0s
    env_file:
      - path: ./pin.env
        required: false
"""


class Site:
    """One application, deployed from a bare repository; the operator stands in a checkout of it."""

    def __init__(self, coolify: Coolify, cli: PreflightCli, folder: Path) -> None:
        self.coolify, self.cli, self.folder = coolify, cli, folder
        self.temporary = folder / "temporary"
        self.temporary.mkdir(parents=True)
        self.checkout = GitRepository.create(folder / "checkout")
        self.bare = folder / "remote.git"
        self.pin = self.checkout.path / "docker/pin.env"
        self.checkout.commit(
            {
                "docker/pin.env": PIN,
                "docker/compose.app.yaml": COMPOSE.format(image=coolify.engine.image),
                ".gitignore": "preflight.yaml\n",
            }
        )
        subprocess.run(["git", "clone", "-q", "--bare", str(self.checkout.path), str(self.bare)], check=True)
        self.checkout.git("remote", "add", "origin", str(self.bare))
        self.configure()

    def configure(self, more: str = "") -> None:
        """Write preflight.yaml."""
        (self.checkout.path / "preflight.yaml").write_text(
            f"pins: [{{variable: {VARIABLE}, service: app, file: docker/pin.env}}]\n"
            "compose: {files: [docker/compose.app.yaml]}\n"
            f"coolify:\n  root: {self.coolify.root}\n{more}"
        )

    def application(self, *, raw: bool, preserve: bool, base: str = "/docker") -> Application:
        """An application of the repository."""
        location = "/compose.app.yaml" if base == "/docker" else "/docker/compose.app.yaml"
        return Application(self.bare, base_directory=base, compose_location=location, raw=raw, preserve=preserve)

    @property
    def environ(self) -> dict[str, str]:
        """For the tool."""
        return {**self.coolify.engine.environ, "TMPDIR": str(self.temporary)}

    def probe(self, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Probe; afterwards engine, folders and temporary files are what they were."""
        before, files = production(self.coolify.engine), self.content()
        done = self.cli("sentinel", "probe", cwd=self.checkout.path, env={**self.environ, **(env or {})})
        assert production(self.coolify.engine) == before
        assert self.content() == files
        assert not list(self.temporary.glob(f"{PREFIX}*"))
        return done

    def content(self) -> dict[str, tuple[bytes, float]]:
        """Every file of Coolify's and of the checkout, with its time."""
        found = [path for top in (self.coolify.root, self.checkout.path / "docker") for path in top.rglob("*")]
        return {str(path): (path.read_bytes(), path.stat().st_mtime) for path in found if path.is_file()}

    def on_remote(self) -> str:
        """The pin file of the branch on the remote."""
        return GitRepository(self.bare).git("show", "main:docker/pin.env") + "\n"

    def start(self, *arguments: str, env: Mapping[str, str] | None = None) -> "subprocess.Popen[str]":
        """Start the tool and leave it running."""
        environ = {"HOME": str(self.folder), **self.environ, **(env or {})}
        return self.cli.start("sentinel", *arguments, cwd=self.checkout.path, env=environ)
