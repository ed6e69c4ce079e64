"""preflight/pin/message.py."""

import pytest

from preflight.pin.message import commit_message, skips_deployment
from preflight.releases.names import named_releases


def test_the_default_names_release_and_digest() -> None:
    """In the form that the history reads again; Coolify deploys it."""
    message = commit_message("", "1.2.3", "sha256:abc")
    assert message == "Pin sha256:abc for 1.2.3 [skip actions]"
    assert named_releases([message]) == {"1.2.3"}
    assert skips_deployment(message) == ""


def test_nothing_but_the_two_names_stands_for_something() -> None:
    """The template comes from a file that anybody may have written."""
    assert commit_message("{release.__class__} {digest} {x}", "1.2.3", "d") == "{release.__class__} d {x}"


@pytest.mark.parametrize("marker", ["[skip ci]", "[Skip CD]"])
def test_a_marker_that_makes_coolify_ignore_the_push(marker: str) -> None:
    """Wherever it stands, e.g. in the repeated subject of a revert."""
    assert skips_deployment(f'Revert "pin {marker}"\n\nText') == marker.lower()
