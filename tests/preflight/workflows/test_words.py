"""preflight/workflows/words.py"""

from pathlib import Path

import pytest

from preflight.workflows.judge import Concern, JudgedStep, Risk
from preflight.workflows.model import Job, Place
from preflight.workflows.package import Package
from preflight.workflows.package_versions import PackageVersion, PackageVersions
from preflight.workflows.words import loss_words, risk_words, step_name, unseen_words

PACKAGE = Package("acme", "agent")
PINNED = f"sha256:{'1' * 64}"


def judged(what: str, concern: Concern = Concern.ACTION, risk: Risk = Risk.CERTAIN) -> JudgedStep:
    """Return a judged step."""
    place = Place(Path("w.yml"), 3)
    return JudgedStep(
        place,
        Job("prune"),
        what,
        concern,
        risk,
        ("release tags",),
        protect="Add it",
        notes=("it is old",),
        doubts=("x",),
    )


def test_the_id_of_a_commit_is_cut_short_and_a_tag_is_not() -> None:
    """Seven characters tell a commit apart."""
    assert step_name(judged(f"acme/prune@{'a' * 40}")) == "acme/prune@aaaaaaa"
    assert step_name(judged("acme/prune@v1.2.3-long")) == "acme/prune@v1.2.3-long"


def test_a_certain_risk_names_what_goes_and_a_possible_one_the_doubt() -> None:
    """The hint has each part as a sentence."""
    certain = risk_words(judged("acme/prune@v1"), PACKAGE)
    assert certain.message == "acme/prune@v1 can delete release tags of ghcr.io/acme/agent"
    assert certain.hint == "It is old. Add it."
    possible = risk_words(judged("acme/prune@v1", risk=Risk.POSSIBLE), PACKAGE)
    assert possible.message.endswith("cannot be told: x")


def test_what_is_not_read_is_told_with_its_job() -> None:
    """What cannot be seen is told with the reason."""
    not_read = unseen_words(judged("make", Concern.NOT_READ), "w.yml")
    assert not_read.message == "job prune may prune packages: make was not looked into"
    assert "w.yml under reviewed:" in not_read.hint
    assert unseen_words(judged("a/b@v1", Concern.ELSEWHERE), "w.yml").message.endswith("from here: it is old")


@pytest.mark.parametrize(
    ("deleted", "words"),
    [
        (None, "is not told to this token"),
        ((), "nothing was deleted"),
        ((PackageVersion(5, PINNED, "2026-11-20", ()),), "the pinned image was deleted"),
        ((PackageVersion(6, "sha256:2", "", ("1.2.0",)),), "releases were deleted"),
        ((PackageVersion(7, "sha256:3", "", ("pr-1",)),), "no release tag among them"),
    ],
)
def test_each_loss_has_words(deleted: tuple[PackageVersion, ...] | None, words: str) -> None:
    """What can be restored comes with the command."""
    said = loss_words(PackageVersions((), deleted, complete=True, path="/orgs/acme/x"), PACKAGE, PINNED)
    assert words in said.message
    assert ("/restore" in said.hint) is (words in {"the pinned image was deleted", "releases were deleted"})
