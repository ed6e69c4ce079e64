"""What happens when a real thing is not to be had: said plainly on a person's machine, a failure in CI."""

import os
from typing import NoReturn

import pytest
from provision.errors import ProvisionError

MARK = "COULD NOT RUN"
"""Starts the reason of every such skip; the closing summary counts them by it."""

SKIPPED = pytest.skip.Exception
"""What ``missing`` raises outside CI; only the tests of this room name it, to expect it."""


def missing(what: str, error: ProvisionError) -> NoReturn:
    """Skip the test with the reason, or fail it where ``CI=true``.

    Args:
        what: The thing, with article: ``no Docker engine``.
        error: Why, and what to do.
    """
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}: {error}", pytrace=False)
    pytest.skip(f"{MARK}: {what}: {error}")  # never in CI, which failed above; the closing summary counts it


def summary(reasons: list[str]) -> list[str]:
    """Return one line for each missing thing with the number of tests that could not run for want of it.

    Args:
        reasons: Why tests were skipped, as pytest reports it.
    """
    counts: dict[str, int] = {}
    for reason in reasons:
        _, marked, rest = reason.partition(f"{MARK}: ")
        if marked:
            counts[rest] = counts.get(rest, 0) + 1
    return [
        f"{count} {'test' if count == 1 else 'tests'} could not run: {why}" for why, count in sorted(counts.items())
    ]
