"""preflight/signed/refusals.py"""

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from preflight.signed.model import Reason, Refused
from preflight.signed.refusals import explain, malformed, refusals, tampered

START, END = datetime(2026, 1, 1, 12, 0, tzinfo=UTC), datetime(2026, 1, 1, 12, 10, tzinfo=UTC)


class Certificate:
    """One that lives ten minutes."""

    not_valid_before_utc, not_valid_after_utc = START, END


class CertValidationError(Exception):
    """Named as that of `sigstore`."""


def why(error: Exception, logged: datetime | None = START) -> Refused:
    """Return our refusal."""
    return explain(error, cast("Any", Certificate()), logged)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Unknown authority: x", Reason.UNTRUSTED),
        ("failed to verify SCT", Reason.UNTRUSTED),
        ("invalid log entry", Reason.LOG),
        ("digest mismatch", Reason.DIGEST),
        ("Signature is invalid for input", Reason.TAMPERED),
        ("bundle entry is inconsistent with other materials", Reason.TAMPERED),
        ("unsupported DSSE log entry", Reason.MALFORMED),
        ("not enough sources of verified time", Reason.NOT_LOGGED),
        ("certificate expired at time of signing", Reason.EXPIRED),
        ("something new, with secret material", Reason.OTHER),
    ],
)
def test_what_sigstore_says_in_our_words(text: str, reason: Reason) -> None:
    """Its own text is never quoted."""
    refused = why(ValueError(text))

    assert refused.reason is reason
    assert "secret" not in refused.message + refused.hint
    assert refused.hint


def test_a_certificate_that_no_authority_vouches_for() -> None:
    """Whatever the text says."""
    assert why(CertValidationError("x")).reason is Reason.UNTRUSTED


@pytest.mark.parametrize("logged", [datetime(2026, 1, 1, 11, 59, tzinfo=UTC), datetime(2026, 1, 1, 12, 11, tzinfo=UTC)])
def test_a_signature_from_outside_the_ten_minutes(logged: datetime) -> None:
    """It was made with a certificate that was not valid, or not any more."""
    assert why(ValueError("x"), logged).reason is Reason.EXPIRED
    assert why(ValueError("x"), None).reason is Reason.OTHER


def test_each_refusal_says_which_signature_it_is_about() -> None:
    """There may be several."""
    with pytest.raises(Refused) as caught, refusals("the tag x"):
        raise tampered()
    assert (caught.value.source, caught.value.reason) == ("the tag x", Reason.TAMPERED)
    assert malformed(KeyError("x")).message == "cannot be read (KeyError)"
