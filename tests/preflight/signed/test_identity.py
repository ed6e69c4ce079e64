"""preflight/signed/identity.py: patterns that prove something."""

import pytest

from preflight.signed.identity import check_identity_pattern, is_loose, judge_signer
from preflight.signed.model import GITHUB_ISSUER, Reason, Refused, Signer, SignerDemand
from tests.limits import cpu_at_most

OURS = "https://github.com/ls1intum/Hephaestus/.github/workflows/release.yml@refs/tags/v1.4.1"


@pytest.mark.parametrize("pattern", [r"^https://github\.com/ls1intum/Hephaestus/", "https://github.com/a/b/", "me@x"])
def test_a_pattern_that_names_somebody_is_taken(pattern: str) -> None:
    """With or without `^`."""
    check_identity_pattern(pattern)


@pytest.mark.parametrize("pattern", ["", ".*", "^", "https://.*", "^https://github.com/", "^[a-z:/.]+", "a|", "(x)?"])
def test_a_pattern_that_fits_anybody_is_refused(pattern: str) -> None:
    """What a stranger's identity fits, and what fits the empty text."""
    with pytest.raises(ValueError, match="matches anybody"):
        check_identity_pattern(pattern)


@pytest.mark.parametrize("pattern", ["(", "[", "*", "a)|(?:.*", "(?=x)y", r"(.)\1"])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    """One line that says so."""
    with pytest.raises(ValueError, match="is no regular expression"):
        check_identity_pattern(pattern)


@pytest.mark.parametrize(
    "identity",
    [
        f"https://evil.example/{OURS}",
        "https://github.com/ls1intum/Hephaestus-evil/.github/workflows/release.yml@refs/heads/main",
        "https://github.com.evil.example/ls1intum/Hephaestus/x",
        f"\n{OURS}",
        "",
    ],
)
def test_whatever_only_contains_the_identity_is_another(identity: str) -> None:
    """The pattern counts from the start, and to its end."""
    with pytest.raises(Refused) as caught:
        judge_signer(Signer(identity, GITHUB_ISSUER), SignerDemand(r"https://github\.com/ls1intum/Hephaestus/"))

    assert caught.value.reason is Reason.IDENTITY


@pytest.mark.parametrize("pattern", ["(a|a)*b$", "(a*)*c", "(a|aa)+$", "(?i)(x+x+)+y"])
def test_no_pattern_hangs(pattern: str) -> None:
    """Such an expression from a found preflight.yaml would keep the hook's lock for ever."""
    with cpu_at_most(1), pytest.raises(Refused):
        judge_signer(Signer("a" * 60_000 + "!" + "x" * 5_000, GITHUB_ISSUER), SignerDemand(pattern))


@pytest.mark.parametrize("pattern", ["x|https://github.com/ls1intum/", "(?i)HTTPS://github.com/ls1intum/", "(?m)^y"])
def test_an_alternative_counts_from_the_start_too(pattern: str) -> None:
    """Nothing in a pattern lifts the anchor."""
    with pytest.raises(Refused):
        judge_signer(Signer(f"z\ny {OURS}", GITHUB_ISSUER), SignerDemand(pattern))


def test_the_issuer_is_compared_to_the_letter() -> None:
    """A slash more is another issuer."""
    with pytest.raises(Refused) as caught:
        judge_signer(Signer(OURS, GITHUB_ISSUER + "/"), SignerDemand("https://github.com/ls1intum/"))

    assert caught.value.reason is Reason.ISSUER


@pytest.mark.parametrize(
    "pattern", [r"^https://github\.com/ls1intum/Heph", r"^https://github\.com/ls1intum/Hephaestus"]
)
@pytest.mark.parametrize("name", ["ls1intum/Hephaestus-of-mallory", "ls1intum/Hephaestus2"])
def test_pattern_that_ends_within_a_name_lets_nobody_else_in(pattern: str, name: str) -> None:
    """Without a slash behind the repository's name, one whose name only begins like it is refused."""
    with pytest.raises(Refused, match="fits only the beginning of that name"):
        judge_signer(Signer(OURS.replace("ls1intum/Hephaestus", name), GITHUB_ISSUER), SignerDemand(pattern))


@pytest.mark.parametrize(
    "pattern",
    [
        r"^https://github\.com/ls1intum/",
        r"^https://github\.com/ls1intum/Hephaestus",
        r"^https://github\.com/ls1intum/Heph[^/]*",
        r"^https://github\.com/ls1intum/.*\.github/workflows/",
    ],
)
def test_pattern_that_ends_with_a_name_lets_us_in(pattern: str) -> None:
    """An owner, a repository, the names that begin alike if they are meant, and workflows."""
    judge_signer(Signer(OURS, GITHUB_ISSUER), SignerDemand(pattern))


@pytest.mark.parametrize(
    "pattern",
    [
        r"^https://github\.com/ls1intum/Heph.*",
        r"^https://github\.com/ls1intum/Hephaestus[^@]*@refs/tags/",
        r"^https://github\.com/ls1intum.*",
        r"^https://github\.com/ls[^/]*/Hephaestus/",
    ],
)
def test_a_pattern_that_fits_names_that_begin_alike_is_loose(pattern: str) -> None:
    """Anybody can register such a name."""
    judge_signer(Signer(OURS, GITHUB_ISSUER), SignerDemand(pattern))
    assert is_loose(pattern, OURS)


@pytest.mark.parametrize(
    ("pattern", "signer"),
    [
        (r"^https://github\.com/ls1intum/Hephaestus/", OURS),
        (r"^https://github\.com/ls1intum/Hephaestus", OURS),
        (r"^https://github\.com/ls1intum/", OURS),
        (r"^https://github\.com/ls1intum/[^/]+/\.github/", OURS),
        (r"^somebody@example\.org$", "somebody@example.org"),
        ("^https://accounts", "https://accounts"),
        (".*", ""),
    ],
)
def test_a_pattern_that_ends_the_names_is_not_loose(pattern: str, signer: str) -> None:
    """Every repository of an owner may be meant; what is no repository says nothing."""
    assert not is_loose(pattern, signer)
