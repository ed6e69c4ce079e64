"""Tests of preflight/workflows/pruners/image_cleaner.py."""

import pytest

from preflight.workflows.judge import Risk
from tests.preflight.workflows.judging import CERTAIN, NONE, POSSIBLE, judged

ACTION = "stumpylog/image-cleaner-action"
NAMED = "owner: acme, package_name: agent/runner, do_delete: true"


@pytest.mark.parametrize("version", ["v0.1.0", "v0.12.0", "main"])
def test_the_untagged_cleaner_spares_children(version: str) -> None:
    """In every version it reads the indexes of tagged images."""
    found = judged(f"{ACTION}/untagged@{version}", NAMED)

    assert found.risk is NONE
    assert found.aim is True


@pytest.mark.parametrize(
    ("inputs", "risk"),
    [
        (f"{NAMED}", NONE),
        (f"{NAMED}, match_regex: '^(feature|fix)-'", NONE),
        (f"{NAMED}, match_regex: '.'", CERTAIN),
        (f"{NAMED}, match_regex: '.', scheme: branch", CERTAIN),
        (f"{NAMED}, match_regex: '1'", POSSIBLE),
        (f"{NAMED}, match_regex: '[v1]'", CERTAIN),
        (f"{NAMED}, match_regex: 'pr-(\\d+)', scheme: pull_request", NONE),
        (f"{NAMED}, match_regex: 'v?(\\d+)', scheme: pull_request", POSSIBLE),
        (f"{NAMED}, match_regex: '.', scheme: pull_request", NONE),
        (f"{NAMED}, match_regex: '.', scheme: '${{{{ vars.S }}}}'", POSSIBLE),
        (f"{NAMED}, match_regex: '(?<=v)1'", POSSIBLE),
        (f"{NAMED}, match_regex: '^(?!v|[0-9])'", NONE),
        ("owner: acme, package_name: agent/runner, match_regex: '.'", NONE),
        ("owner: acme, package_name: agent/runner, match_regex: '.', do_delete: false", NONE),
        ("owner: acme, package_name: agent/runner, match_regex: '.', do_delete: '1'", CERTAIN),
        ("owner: acme, package_name: agent/runner, match_regex: '.', do_delete: 'yes'", NONE),
        ("owner: acme, package_name: agent/runner, match_regex: '.', do_delete: '${{ vars.D }}'", POSSIBLE),
        ("owner: other, package_name: agent/runner, match_regex: '.', do_delete: true", NONE),
    ],
)
def test_the_ephemeral_cleaner_deletes_tags_that_match(inputs: str, risk: Risk) -> None:
    """An expression must match where the tag begins; a pull request needs its number in it; told to delete, it does."""
    found = judged(f"{ACTION}/ephemeral@v0.12.0", inputs)

    assert found.risk is risk
