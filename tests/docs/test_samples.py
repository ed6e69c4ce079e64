"""docs/manual: the runs that it shows are runs of today."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from provision.sample import REPOSITORY, Sample

from checks.coolify_env_file import CoolifyEnvFile
from preflight.fleet.fleet import fleet_of
from preflight.fleet.formats import renderer
from preflight.fleet.saved import read_saved
from preflight.report import Report, Style
from preflight.run.reporters.json_report import render
from tests.fakes.fleet import NOW, host_report
from tests.real.cli import PreflightCli
from tests.real.engine import RealEngine
from tests.real.git import GitRepository
from tests.real.manual_sample import compare_sample
from tests.real.registry import RealRegistry, real_registry

NARROW = {"COLUMNS": "80"}
CLEAN_UP = """\
on: {schedule: [{cron: "0 3 * * 0"}]}
jobs:
  clean-up:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/delete-package-versions@v5
        with:
          package-name: hephaestus/agent
          package-type: container
          ignore-versions: '^\\d+\\.\\d+\\.\\d+$'
"""


@pytest.fixture(scope="module")
def registry() -> Iterator[RealRegistry]:
    """A registry of this file's own: a release that is newer than those of other tests would be seen there."""
    with real_registry() as running:
        yield running


def pin(sample: Sample, reference: str) -> None:
    """Pin another image, for release 1.5.0, and commit that."""
    text = sample.pin_file.read_text(encoding="utf-8")
    sample.pin_file.write_text(text.replace(sample.reference, reference), encoding="utf-8")
    repository = GitRepository(sample.path)
    repository.tag("v1.5.0")
    repository.commit(message="Pin the agent image for v1.5.0")


@pytest.mark.engine
@pytest.mark.registry
def test_a_platform_that_is_gone(
    sample: Sample, registry: RealRegistry, engine: RealEngine, preflight_cli: PreflightCli
) -> None:
    """A clean-up of untagged versions deleted it."""
    children = {
        platform: registry.push_image(REPOSITORY, content=f"1.5.0 {platform}", platform=platform)
        for platform in ("linux/amd64", "linux/arm64")
    }
    pin(sample, f"{registry.host}/{REPOSITORY}@{registry.push_index(REPOSITORY, '1.5.0', children=children)}")
    registry.delete(REPOSITORY, children["linux/arm64"])
    words = ("run", "--tag", "registry", "--registry-insecure", registry.host)

    done = preflight_cli(*words, cwd=sample.path, env={**engine.environ, **NARROW})

    assert done.returncode == 1
    compare_sample("registry.md", "platform gone", f"$ preflight {' '.join(words)}\n{done.stdout}")


@pytest.mark.registry
def test_a_workflow_that_deletes(sample: Sample, preflight_cli: PreflightCli) -> None:
    """It spares digests where it was meant to spare tags."""
    pin(sample, f"ghcr.io/{REPOSITORY}@sha256:{'4665ec8f76ce' * 5}abcd")
    workflow = sample.path / ".github" / "workflows" / "clean-up.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(CLEAN_UP, encoding="utf-8")
    GitRepository(sample.path).commit(message="Clean up")
    words = ("run", "--offline", "--only", "ghcr-prune-config")

    done = preflight_cli(*words, cwd=sample.path, env=NARROW)

    assert done.returncode == 3
    compare_sample("registry.md", "clean-up", f"$ preflight {' '.join(words)}\n{done.stdout}")


def named_as_ours(report: Report) -> Report:
    """Return the report with its check called as the real one that finds such things."""
    about = CoolifyEnvFile.about.id
    return replace(report, results=tuple(replace(each, about=replace(each.about, id=about)) for each in report.results))


def test_a_table_of_a_fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One host is behind, one has written half a report, one report is old."""
    monkeypatch.chdir(tmp_path)
    folder = Path("reports")
    folder.mkdir()
    for report in (host_report("web-1"), host_report("web-2", minutes_ago=123), host_report("web-3", runs="1.4.1")):
        (folder / f"{report.host}.json").write_text(render(named_as_ours(report), Style()), encoding="utf-8")
    (folder / "web-4.json").write_text('{"schema": "preflight/1"', encoding="utf-8")

    fleet = fleet_of(read_saved(sorted(folder.iterdir())), NOW, 3600)
    table = renderer("table")(fleet, Style(width=100))

    compare_sample("fleets.md", "fleet", f"$ preflight fleet report reports/*.json\n{table}")
