"""A checkout, a Coolify that deploys it, and the whole tool that judges both."""

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from provision import busybox
from provision.sample import COMPOSE_FILE, IMAGE, PIN_FILE, REPOSITORY, SERVICE, VARIABLE, Sample

from tests.real.cli import PreflightCli
from tests.real.coolify import Application, Coolify
from tests.real.git import GIT_ENVIRON

RELEASE = "1.4.2"
OLD = f"ghcr.io/ls1intum/hephaestus/agent@sha256:{'1' * 64}"
"""A value that the pin never had."""


@dataclass(frozen=True)
class Judged:
    """What one run said.

    Args:
        report: The JSON document.
    """

    report: Mapping[str, Any]

    @property
    def exit_code(self) -> int:
        """Of the process."""
        return int(self.report["exit_code"])

    @property
    def failing(self) -> dict[str, str]:
        """Check to status, of every check that neither passed nor was skipped."""
        return {each["id"]: each["status"] for each in self.report["checks"] if each["status"] not in {"pass", "skip"}}

    def findings(self, check: str) -> list[Mapping[str, Any]]:
        """All findings of a check."""
        return [finding for each in self.report["checks"] if each["id"] == check for finding in each["findings"]]

    def only(self, check: str) -> Mapping[str, Any]:
        """The one finding of a check."""
        found = self.findings(check)
        if len(found) != 1:
            raise AssertionError(f"{check} has {len(found)} findings: {found}")
        return found[0]

    def said(self, check: str) -> str:
        """All that a check says, messages and hints, on one line."""
        return " ".join(f"{each['message']} {each['hint']}" for each in self.findings(check))


@dataclass
class Stage:
    """One checkout and one Coolify.

    Args:
        sample: The checkout; what is committed there is what Coolify clones.
        coolify: Deploys it.
        cli: The tool.
        settings: The section ``coolify:`` of ``preflight.yaml``, but for the root.
        reference: What the pin says; found here.
    """

    sample: Sample
    coolify: Coolify
    cli: PreflightCli
    settings: dict[str, str] = field(default_factory=dict)
    reference: str = ""

    def __post_init__(self) -> None:
        engine = self.coolify.engine
        busybox.import_image(IMAGE, engine.environ)
        self._release()
        # so that the nightly clean-up is none of this test's business
        engine.docker("create", "--name", self._keeper, "--network", "none", self.reference, "keep")

    def _release(self) -> None:
        """Make one more release, whose image can be pulled: the registry's others are hollow."""
        engine, name = self.coolify.engine, f"{self.sample.registry}/{REPOSITORY}"
        engine.docker("tag", engine.image_without_env, f"{name}:{RELEASE}")
        pushed = engine.docker("push", f"{name}:{RELEASE}").stdout
        digest = re.findall(r"digest: (sha256:[0-9a-f]{64})", pushed)[-1]
        engine.docker("rmi", f"{name}:{RELEASE}")
        self.reference = f"{name}@{digest}"
        self.git("tag", f"v{RELEASE}")
        self.edit(self.sample.reference, self.reference, PIN_FILE)

    def application(self, *, raw: bool, preserve: bool) -> Application:
        """An application of the checkout, its base directory the folder that relative paths mean."""
        return Application(
            self.sample.path,
            base_directory="/docker",
            compose_location="/compose.app.yaml",
            raw=raw,
            preserve=preserve,
        )

    def judge(self, *arguments: str, code: int | None = None) -> Judged:
        """Run ``preflight run --stage after`` in the checkout, as an operator would.

        Args:
            arguments: Further ones.
            code: The exit code that is expected; the report is shown where it is another.
        """
        lines = [
            f"coolify:\n  root: {self.coolify.root}",
            *(f"  {key}: {value}" for key, value in self.settings.items()),
        ]
        (self.sample.path / "preflight.yaml").write_text("\n".join(lines) + "\n")
        done = self.cli(
            *("run", "--stage", "after", "--format", "json", "--registry-insecure", self.sample.registry, *arguments),
            cwd=self.sample.path,
            env=self.coolify.engine.environ,
        )
        judged = Judged(json.loads(done.stdout))
        if code is not None and done.returncode != code:
            bad = {check: judged.said(check) for check in judged.failing}
            raise AssertionError(f"exit code {done.returncode}, not {code}: {json.dumps(bad, indent=1)}")
        return judged

    def screen(self, *arguments: str) -> str:
        """Return what an operator types and sees after a rollout, 80 columns wide."""
        words = ("run", "--stage", "after", *arguments, "--registry-insecure", self.sample.registry)
        done = self.cli(*words, cwd=self.sample.path, env={**self.coolify.engine.environ, "COLUMNS": "80"})
        return f"$ preflight {' '.join(words)}\n{done.stdout}"

    def commit(self, files: Mapping[str, str | None]) -> None:
        """Write files of the checkout (None: delete) and commit them."""
        for name, content in files.items():
            if content is None:
                (self.sample.path / name).unlink()
            else:
                (self.sample.path / name).write_text(content, encoding="utf-8")
        self.git("add", "--all", ":!preflight.yaml")
        self.git("commit", "--quiet", "--message", "Change")

    def edit(self, old: str, new: str, file: str = COMPOSE_FILE) -> None:
        """Replace one text in a file of the checkout and commit it."""
        before = (self.sample.path / file).read_text(encoding="utf-8")
        if before.count(old) != 1:
            raise AssertionError(f"{file} has {old!r} {before.count(old)} times")
        self.commit({file: before.replace(old, new)})

    def git(self, *arguments: str) -> str:
        """Run git in the checkout."""
        return subprocess.run(
            ["git", *arguments],
            cwd=self.sample.path,
            env={**self.coolify.engine.environ, **GIT_ENVIRON},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout

    @property
    def pin_text(self) -> str:
        """What the pin file says."""
        return self.sample.pin_file.read_text(encoding="utf-8")

    def carried(self, resource: Any) -> str | None:
        """The pin as the container of the service was given it."""
        return self.coolify.environment(resource, SERVICE).get(VARIABLE)

    def clean(self) -> None:
        """Remove what this made in the engine."""
        self.coolify.engine.docker("rm", "-f", self._keeper)
        self.coolify.engine.docker("rmi", self.reference, check=False)

    @property
    def _keeper(self) -> str:
        return f"keep-{self.coolify.root.parent.name}-{Path(self.sample.path).name}"


PIN_NAME = Path(PIN_FILE).name
