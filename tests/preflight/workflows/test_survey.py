"""Tests of preflight/workflows/survey.py."""

from pathlib import Path

import pytest

from preflight.errors import CouldNotLook
from preflight.lib.reference import parse_reference
from preflight.testing import fake_context
from preflight.workflows.judge import PackageReleases
from preflight.workflows.survey import survey
from tests.preflight.workflows.judging import CERTAIN, NONE, PACKAGE, workflow

IMAGE = parse_reference(f"ghcr.io/acme/agent/runner@sha256:{'0' * 64}")
SPARES_V = (
    "- uses: snok/container-retention-policy@v2.2.1\n"
    "  with: {image-names: agent/runner, skip-tags: 'v*', cut-off: x, account-type: org, org-name: acme, token: x}"
)


class Registry:
    """Counts how often it is asked, knows tags and no manifest."""

    def __init__(self, *tags: str) -> None:
        self._tags, self.asked = tags, 0

    def tags(self, *_: object) -> tuple[str, ...]:
        """Return them."""
        self.asked += 1
        return self._tags

    def head_manifest(self, *_: object) -> None:
        """Have no answer."""
        raise CouldNotLook("no answer", "Try again.")


@pytest.mark.parametrize(
    ("tag", "targets"), [("1.0.0", ("release tags", "untagged children")), ("v1.0.0", ("untagged children",))]
)
def test_the_registry_is_asked_where_it_can_matter(tmp_path: Path, tag: str, targets: tuple[str, ...]) -> None:
    """An action that deletes: whether it spares the release tags, they say themselves."""
    _write(tmp_path, SPARES_V)
    registry = Registry(tag)
    ctx = fake_context(tmp_path, registry=registry)

    [judged] = survey(ctx, tmp_path, "acme/agent", ()).judge(ctx, PACKAGE, IMAGE, PackageReleases())

    assert judged.risk is CERTAIN
    assert judged.targets == targets
    assert registry.asked == 1


@pytest.mark.parametrize("steps", ["- run: x", SPARES_V.replace("agent/runner", "web")])
def test_the_registry_is_not_asked_for_nothing(tmp_path: Path, steps: str) -> None:
    """Nothing deletes from our package, whatever tags it has."""
    _write(tmp_path, steps)
    registry = Registry("1.0.0")
    ctx = fake_context(tmp_path, registry=registry)

    found = survey(ctx, tmp_path, "acme/agent", ()).judge(ctx, PACKAGE, IMAGE, PackageReleases())

    assert all(judged.risk is NONE for judged in found)
    assert registry.asked == 0


@pytest.mark.parametrize(
    ("reviewed", "seen"),
    [((), True), ((".github/workflows/w.yml",), False), (("./.github/workflows/w.yml",), False), (("w.yml",), True)],
)
def test_what_a_person_has_read_is_left_out(tmp_path: Path, reviewed: tuple[str, ...], *, seen: bool) -> None:
    """Of what cannot be seen; what an action does its inputs say, whoever has read it."""
    _write(tmp_path, f"- uses: ./prune-packages\n{SPARES_V}")
    ctx = fake_context(tmp_path, registry=Registry())

    found = survey(ctx, tmp_path, "acme/agent", reviewed)

    assert bool(found.unseen()) is seen
    [judged] = found.judge(ctx, PACKAGE, IMAGE, PackageReleases())
    assert not found.is_reviewed(judged)


def _write(root: Path, steps: str) -> None:
    for name, content in workflow(steps).items():
        (root / name).parent.mkdir(parents=True)
        (root / name).write_text(content, encoding="utf-8")
