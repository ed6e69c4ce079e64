"""The closing line of ``tests/run.sh``."""

from tests.closing_line import closing_line


def test_every_outcome_is_counted() -> None:
    """Errors count as failed, and what is left of the total passed."""
    report = (
        '<testsuites><testsuite tests="10" failures="2" errors="1" skipped="3"/>'
        '<testsuite tests="1" failures="0" errors="0" skipped="0"/></testsuites>'
    )
    assert closing_line(report) == "5 passed, 3 failed, 3 skipped"
