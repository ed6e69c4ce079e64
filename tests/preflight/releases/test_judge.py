"""preflight/releases/judge.py"""

import pytest

from preflight.errors import CouldNotLook
from preflight.git.model import Commit
from preflight.releases.expected import ExpectedReleases, ReleaseSource
from preflight.releases.judge import Gap, RepositoryJudgement, RetentionRules, judge_repository
from preflight.releases.retention import ask_registries
from preflight.testing import fake_context
from tests.preflight.releases.pinned import NAME, A, B, C, D, Git, Registry, commit, pinned

SILENCE = CouldNotLook("no answer", "Try again.")
PAST = (commit(3, "Pin for v1.2.0", C), commit(2, "Pin for v1.1.0", B), commit(1, "Pin for v1.0.0", A))


def judge(
    tags: dict[str, str],
    released: tuple[str, ...],
    rules: RetentionRules | None = None,
    commits: tuple[Commit, ...] | CouldNotLook = PAST,
    source: ReleaseSource | None = None,
) -> RepositoryJudgement:
    """Judge a repository with these tags, whose pin is at C."""
    ctx = fake_context(registry=Registry({C: C, **tags}, tuple(tags)), git=Git(released, commits))
    answers = ask_registries(ctx, [pinned(C)], source or ReleaseSource("git"))
    return judge_repository(ctx, NAME, answers, rules or RetentionRules())


def gaps(judged: RepositoryJudgement) -> dict[Gap, list[str]]:
    """Return the names of the releases in each gap that has any."""
    return {gap: [release.name for release in releases] for gap, releases in judged.gaps.items() if releases}


def test_all_is_there() -> None:
    """Tags of one spelling, each where its commit pinned it."""
    judged = judge({"1.0.0": A, "1.1.0": B, "1.2.0": C}, ("v1.0.0", "v1.1.0", "v1.2.0"))

    assert gaps(judged) == {}
    assert judged.moved == ()
    assert (judged.tags, judged.spelling, judged.unchecked) == (3, "without v", None)
    assert judged.pinned == {"1.2.0": C}
    assert judged.evidence()["compared_with_pins"] == ["1.2.0", "1.1.0", "1.0.0"]


def test_gaps_have_reasons() -> None:
    """What was pinned once was there; what was never pinned may never have been; what is newer may still be built."""
    judged = judge({"1.0.5": B, "1.1.5": B}, ("v1.0.0", "v1.0.5", "v1.1.0", "v1.1.3", "v1.1.5", "v1.2.0", "v1.3.0"))

    assert gaps(judged) == {
        Gap.PINNED_PRUNED: ["1.2.0"],
        Gap.PRUNED: ["1.1.0", "1.0.0"],
        Gap.MISSING: ["1.1.3"],
        Gap.PENDING: ["1.3.0"],
    }


def test_a_release_that_only_the_pins_history_names_is_expected() -> None:
    """Its tag in git may have gone with the image; a pre-release only where the rules want it."""
    past = (*PAST, commit(0, "Pin for v0.9.0-rc.1", D))
    assert gaps(judge({"1.2.0": C}, ("v1.2.0",), commits=past)) == {Gap.PRUNED: ["1.1.0", "1.0.0"]}

    wanted = judge({"1.2.0": C}, ("v1.2.0",), RetentionRules(prereleases=True), past)
    assert gaps(wanted) == {Gap.PRUNED: ["1.1.0", "1.0.0", "0.9.0-rc.1"]}


def test_a_list_of_the_operators_is_taken_as_it_is() -> None:
    """Nothing is added to it, and each must be there."""
    judged = judge({"1.1.0": B}, (), source=ReleaseSource("list", ("1.1.0", "9.0.0")))

    assert gaps(judged) == {Gap.MISSING: ["9.0.0"]}


def test_moved_tags_are_compared_up_to_the_limit() -> None:
    """That of the pinned release first; 0 compares none."""
    tags = {"1.0.0": B, "1.1.0": A, "1.2.0": A}
    assert [each.check.tag for each in judge(tags, (), RetentionRules(history=2)).moved] == ["1.2.0", "1.1.0"]
    assert [each.is_pinned for each in judge(tags, ()).moved] == [True, False, False]
    assert judge(tags, (), RetentionRules(history=0)).checked == ()


def test_a_history_that_cannot_be_read_is_told_unless_nobody_wants_it() -> None:
    """The rest is judged without it."""
    judged = judge({"1.2.0": C}, ("v1.2.0",), commits=SILENCE)
    assert (judged.unchecked, judged.pinned, gaps(judged)) == (SILENCE, {}, {})
    assert judge({"1.2.0": C}, (), RetentionRules(history=0), SILENCE).unchecked is None


def test_no_known_releases_leave_nothing_to_compare() -> None:
    """Git has no tags; both spellings in the registry are said."""
    judged = judge({"1.2.0": C, "v1.2.0": C}, ())

    assert isinstance(judged.expected, ExpectedReleases)
    assert (judged.found, judged.gaps, judged.spelling) == (None, {}, "with and without v")


def test_a_repository_whose_tags_cannot_be_listed_is_not_judged() -> None:
    """The registry's refusal is handed on."""
    ctx = fake_context(registry=Registry({C: C}, SILENCE), git=Git())
    answers = ask_registries(ctx, [pinned(C)], ReleaseSource("git"))

    with pytest.raises(CouldNotLook) as raised:
        judge_repository(ctx, NAME, answers, RetentionRules())
    assert raised.value is SILENCE
