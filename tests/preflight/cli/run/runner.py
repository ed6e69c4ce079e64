"""Runs `preflight run` with one check that does as it is told."""

import json
import subprocess
from importlib.resources import files
from pathlib import Path

import preflight
from tests.real.cli import PreflightCli

SCHEMA = json.loads(files("preflight.run.reporters").joinpath("schema.json").read_text(encoding="utf-8"))
SOURCE = str(Path(preflight.__file__).resolve().parents[1])


CHECK = '''
import os, time
from dataclasses import dataclass
from preflight import About, Check, Failure, Need, Status, Subject, could_not_look, not_looked_at, passed, skipped

BAD = Failure("bad", "It is bad.", "Fix it.")
FRAGILE = Failure("fragile", "It is fragile.", "Fix it.", before=Status.WARN)
OLD = Failure("old", "It is old.", "Deploy.", before=Status.PASS, settles=True, deploy_fixes=True)

@dataclass(frozen=True)
class Knobs:
    say: str = "pass"

class Told(Check[Knobs]):
    """Says what its settings say."""
    about = About(
        "told", "It is as told", frozenset({{"test"}}), frozenset({needs}), "Is it?", "So.", (BAD, FRAGILE, OLD)
    )
    settings_type = Knobs
    def run(self, ctx):
        what = os.environ.get("SAY", self.settings.say)
        if what == "hang":
            (ctx.cwd / "begun").touch()
            time.sleep(600)
        if what == "crash":
            raise RuntimeError("PASSWORD=hunter2")
        yield {{
            "pass": lambda: passed("well", at=ctx.at(ctx.cwd / "f", 1)),
            "fail": lambda: ctx.found(BAD, "bad \\x1b[2J", Subject("release", "1.3.1")),
            "warn": lambda: ctx.found(FRAGILE, "fragile"),
            "old": lambda: ctx.found(OLD, "is old"),
            "skip": lambda: skipped("not here"),
            "not": lambda: not_looked_at("not asked", hint="ask"),
            "error": lambda: could_not_look("blind", hint="open your eyes"),
        }}[what]()
'''


class Runner:
    """Runs only the check that does as it is told."""

    def __init__(self, cli: PreflightCli, told: Path, cwd: Path) -> None:
        self._cli, self._told, self.cwd = cli, told, cwd

    def __call__(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return self._cli("run", "--checks-dir", self._told, "--only", "told", *arguments, cwd=self.cwd, env=env)

    def start(self, *arguments: str, **env: str) -> "subprocess.Popen[str]":
        """Start it for a test of signals, with all the checks there are."""
        return self._cli.start("run", "--checks-dir", self._told, *arguments, cwd=self.cwd, env=env)
