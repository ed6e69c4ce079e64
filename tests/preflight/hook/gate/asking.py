"""Runs the hook on a repository that Coolify would clone, and says what holds for every answer."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from provision.sample import Sample

from preflight.hook.command import Order
from preflight.hook.gate import Said, run_hook
from tests.preflight.hook.test_log_wording import retried

ONLY = {"only": ("env-shadowing",)}
SECRET = "hunter2-very-secret"


def git(*arguments: str) -> str:
    """Run git and return what it printed."""
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    who = {
        f"GIT_{role}_{what}": "t@preflight.invalid" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    env = {"PATH": os.environ["PATH"], **quiet, **who}
    return subprocess.run(["git", *arguments], env=env, check=True, capture_output=True, text=True).stdout.strip()


def push(sample: Sample, message: str = "Change") -> str:
    """Commit all and push it; return the commit."""
    git("-C", str(sample.path), "commit", "--quiet", "--all", "--message", message)
    git("-C", str(sample.path), "push", "--quiet", "origin", "HEAD:main")
    return git("-C", str(sample.path), "rev-parse", "HEAD")


def order(upstream: Path, sample: Sample, tmp_path: Path, **more: Any) -> Order:
    """Return an order for the sample's branch."""
    work = tmp_path / "work"
    work.mkdir(exist_ok=True)
    given: dict[str, Any] = {
        "state_dir": tmp_path / "state",
        "work_dir": work,
        "repository": str(upstream),
        "branch": "main",
        "registry_insecure": (sample.registry,),
        **more,
    }
    return Order(**given)


def lines(tmp_path: Path) -> list[dict[str, str]]:
    """Return what was logged."""
    return [json.loads(line) for line in (tmp_path / "state" / "hook.log").read_text().splitlines()]


def run(asked: Order, environ: Mapping[str, str]) -> Said:
    """Run the hook, and see what holds for every answer."""
    said = run_hook(asked, environ)
    assert "\n" not in said.line
    assert SECRET not in said.line
    assert not retried(said.line)
    assert not list((asked.work_dir or Path()).glob("preflight-hook-*")), "the checkout goes with the run"
    return said
