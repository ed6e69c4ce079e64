"""preflight/signed/verdicts.py"""

from pathlib import Path

import pytest

from preflight.check import passed
from preflight.errors import CouldNotLook
from preflight.lib.reference import ImageReference
from preflight.model import Finding, Status
from preflight.project import Pin
from preflight.signed.failures import failure_of
from preflight.signed.model import Reason, Refused, Signer, SignerDemand, Verified
from preflight.signed.search import NoVerifier, VerificationOutcome
from preflight.signed.verdicts import SignatureWords, image_subject, judge_signatures
from preflight.testing import fake_context

DIGEST = f"sha256:{'a' * 64}"
SLOPPY = SignerDemand("https://github.com/acme/agent.*")
HELD = Verified("x", Signer("https://github.com/acme/agent/.github/workflows/r.yml@refs/tags/v1", "them"), None, "fake")
SILENCE = CouldNotLook("no answer", "Try again.")


def judge(
    folder: Path,
    outcome: VerificationOutcome | CouldNotLook,
    *,
    required: bool = False,
    demand: SignerDemand | None = None,
    services: int = 1,
) -> list[Finding]:
    """Judge a pin; ``outcome`` is what verifying its image comes to."""
    file = folder / "pin.env"
    file.write_text(f"AGENT=ghcr.io/acme/agent@{DIGEST}\n")
    pins = [Pin("AGENT", f"app{number}", file) for number in range(services)]

    def verify(image: ImageReference) -> VerificationOutcome:
        assert image.digest == DIGEST
        if isinstance(outcome, CouldNotLook):
            raise outcome
        return outcome

    words = SignatureWords("signature", "Sign it.", required, demand or SignerDemand("https://github.com/acme/agent/"))
    ctx = fake_context(folder, pins=pins)
    return list(judge_signatures(ctx, words, verify, lambda pinned, _: [passed(f"held for {pinned.image.name}")]))


def refusal(reason: Reason, source: str = "here") -> Refused:
    """Return a refusal."""
    return Refused(reason, "was changed", "Find out who.", source)


def test_one_that_holds_is_the_callers_to_judge(tmp_path: Path) -> None:
    """An image that two services run is verified once."""
    [finding] = judge(tmp_path, VerificationOutcome((HELD,), (refusal(Reason.IDENTITY),)), services=2)

    assert (finding.status, finding.message) == (Status.PASS, "held for ghcr.io/acme/agent")


def test_a_pattern_that_lets_others_in_is_told_beside_it(tmp_path: Path) -> None:
    """Unless the pattern was made of `repository`."""
    held = VerificationOutcome((HELD,))
    _, loose = judge(tmp_path, held, demand=SLOPPY)
    assert (loose.code, loose.location is not None) == ("loose-identity", True)
    assert "`repository: acme/agent`" in loose.hint

    [_] = judge(tmp_path, held, demand=SignerDemand(SLOPPY.identity, setting="repository"))


@pytest.mark.parametrize(
    ("required", "status", "code"), [(False, Status.WARN, "missing"), (True, Status.FAIL, "missing-required")]
)
def test_none_at_all(tmp_path: Path, status: Status, code: str, *, required: bool) -> None:
    """What else is there is counted, and named in the evidence without control characters."""
    [finding] = judge(tmp_path, VerificationOutcome(others=("a\x1b[2J", "b")), required=required)

    assert finding.code == code
    assert finding.message.endswith("there is no signature, only 2 other statements")
    assert finding.hint == "Sign it."
    assert "\x1b" not in str(finding.evidence["other_statements"])
    if required:
        assert finding.status is status


def test_the_most_telling_refusal_speaks_for_all(tmp_path: Path) -> None:
    """The others are in the evidence; what could not be read is said."""
    refused = (refusal(Reason.TAMPERED, "one"), refusal(Reason.OTHER, "two"))
    [finding] = judge(tmp_path, VerificationOutcome((), refused, (), (SILENCE,) * 5))

    assert finding.failure is failure_of(Reason.TAMPERED)
    assert (
        "none of 2 signatures holds; the first was changed; not read: no answer; no answer; no answer"
        in finding.message
    )
    assert finding.evidence["refused"] == ["one: was changed", "two: was changed"]

    [finding] = judge(tmp_path, VerificationOutcome((), refused[:1]))
    assert finding.message.endswith("the signature was changed")


@pytest.mark.parametrize(
    ("outcome", "required", "status"),
    [
        (VerificationOutcome(problems=(SILENCE,)), False, Status.ERROR),
        (SILENCE, False, Status.ERROR),
        (NoVerifier("nothing can verify", "Install it."), True, Status.ERROR),
        (NoVerifier("nothing can verify", "Install it."), False, Status.SKIP),
    ],
)
def test_what_could_not_be_looked_at_is_never_none(
    tmp_path: Path, outcome: VerificationOutcome | CouldNotLook, status: Status, *, required: bool
) -> None:
    """That nothing here can verify is an error only where a signature is required."""
    [finding] = judge(tmp_path, outcome, required=required)

    assert finding.status is status
    assert finding.hint


def test_a_pin_that_names_no_image_is_an_error(tmp_path: Path) -> None:
    """There is nothing to verify; its value is not shown."""
    file = tmp_path / "pin.env"
    file.write_text("AGENT=hunter2\n")
    ctx = fake_context(tmp_path, pins=[Pin("AGENT", "app", file)])
    words = SignatureWords("signature", "Sign it.", required=False, demand=SLOPPY)

    [finding] = judge_signatures(ctx, words, lambda _: pytest.fail("nothing to verify"), lambda *_: [])

    assert finding.status is Status.ERROR
    assert "hunter2" not in repr(finding)


def test_names_stay_when_the_digest_changes() -> None:
    """So that a waiver holds."""
    image = ImageReference("ghcr.io", "acme/agent", None, DIGEST)

    assert image_subject(image).name == "ghcr.io/acme/agent"
