"""preflight/signed/failures.py"""

import pytest

from checks.image_provenance import ImageProvenance
from checks.image_signature import ImageSignature
from preflight.model import Status
from preflight.signed.failures import MISSING, MISSING_REQUIRED, SHARED, failure_of
from preflight.signed.model import Reason


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_a_failure_of_both_checks(reason: Reason) -> None:
    """A signature that does not hold fails before a rollout and after it."""
    failure = failure_of(reason)

    assert failure in SHARED
    assert failure.before is failure.after is Status.FAIL
    for check in (ImageSignature, ImageProvenance):
        assert check.about.codes[failure.code] is failure


def test_that_there_is_none_fails_only_where_it_is_demanded() -> None:
    """Without `required: true` it is a warning."""
    assert (MISSING.before, MISSING_REQUIRED.before) == (Status.WARN, Status.FAIL)
