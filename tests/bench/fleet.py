"""Inputs for the fleet: reports of many hosts, and an inventory of local ones."""

import sys
from dataclasses import replace
from pathlib import Path

from preflight.report import Style
from preflight.run.reporters.json_report import render
from tests.fakes.health import FAILING

REPORTS = 5000
HOSTS = 300
FORKS = 10


def reports(folder: Path) -> list[str]:
    """Write a report of twenty checks for each host and return the names of the files."""
    folder.mkdir()
    for number in range(REPORTS):
        (folder / f"{number}.json").write_text(render(replace(FAILING, host=f"web-{number}"), Style()))
    return [f"{number}.json" for number in range(REPORTS)]


def local_hosts(folder: Path) -> tuple[Path, Path]:
    """Return an inventory of local hosts and the program in the place of preflight, which prints a recorded report."""
    folder.mkdir()
    (folder / "report.json").write_text(render(FAILING, Style()))
    program = folder / "program"
    program.write_text(f"#!/bin/sh\ncat {folder}/report.json\n")
    program.chmod(0o755)
    settings = f"ansible_connection=local ansible_python_interpreter={sys.executable} preflight_command={program}"
    (folder / "hosts").write_text(f"web[001:{HOSTS}] {settings}\n")
    return folder / "hosts", program
