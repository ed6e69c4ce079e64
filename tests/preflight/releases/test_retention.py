"""preflight/releases/retention.py"""

from preflight.errors import CouldNotLook
from preflight.releases.expected import ExpectedReleases, ReleaseSource
from preflight.releases.retention import ask_registries
from preflight.testing import fake_context
from tests.preflight.releases.pinned import NAME, A, B, C, Git, Registry, commit, image, pinned

SILENCE = CouldNotLook("no answer", "Try again.")


def test_everything_is_asked_once() -> None:
    """Two pins of one image are one question; the newest commit of a release counts."""
    past = (commit(3, "Pin for v1.1.0", C), commit(2, "Pin for v1.1.0", B), commit(1, "Pin for v1.0.0", A))
    registry = Registry({C: C}, ("latest", "1.0.0", "1.1.0"))
    ctx = fake_context(registry=registry, git=Git(("v1.0.0", "v1.1.0"), past))

    answers = ask_registries(ctx, [pinned(C), pinned(C)], ReleaseSource("git"))

    assert sorted(registry.asked) == [NAME, C]
    assert answers.tags == {NAME: ("latest", "1.0.0", "1.1.0")}
    assert [release.name for release in answers.there[NAME]] == ["1.1.0", "1.0.0"]
    assert answers.pinned(NAME) == {image(C)}
    assert answers.pinned("ghcr.io/other") == frozenset()
    assert answers.likely == {image(C): {"1.1.0"}}
    assert not isinstance(answers.histories, CouldNotLook)
    assert [(each.release, each.image.digest) for each in answers.histories[NAME].records] == [
        ("1.1.0", C),
        ("1.0.0", A),
    ]
    assert answers.rollbacks == {}


def test_in_place_of_an_answer_stands_why_there_is_none() -> None:
    """One refusal does not cost the other answers."""
    ctx = fake_context(registry=Registry({C: SILENCE}, SILENCE), git=Git(("v1.0.0",), SILENCE))

    answers = ask_registries(ctx, [pinned(C)], ReleaseSource("git"))

    assert answers.manifests == {image(C): SILENCE}
    assert answers.tags == {NAME: SILENCE}
    assert answers.there == {NAME: ()}
    assert isinstance(answers.expected, ExpectedReleases)
    assert answers.histories is SILENCE
    assert (answers.likely, answers.rollbacks) == ({image(C): frozenset()}, {})


def test_a_pin_that_went_back_is_a_rollback() -> None:
    """By what it holds, whatever the commit says; not where the file on disk says something else."""
    past = (commit(3, "Undo", A), commit(2, "Pin for v1.1.0", B), commit(1, "Pin for v1.0.0", A))
    ctx = fake_context(registry=Registry({A: A, C: C}), git=Git((), past))

    answers = ask_registries(ctx, [pinned(A), pinned(C)], ReleaseSource("git"))

    assert set(answers.rollbacks) == {pinned(A)}
    assert answers.rollbacks[pinned(A)].commit.subject == "Undo"
