"""preflight/pin/message.py."""

import pytest

from preflight.pin.message import commit_message, skips_deployment
from preflight.releases.names import named_releases


def test_the_default_names_release_and_digest() -> None:
    """In the form that the history reads again; Coolify deploys it."""
    message = commit_message("", "1.2.3", [("AGENT", "ghcr.io/a/b@sha256:abc")])
    assert message == "Pin sha256:abc for 1.2.3 [skip actions]"
    assert named_releases([message]) == {"1.2.3"}
    assert skips_deployment(message) == ""


def test_nothing_but_the_two_names_stands_for_something() -> None:
    """The template comes from a file that anybody may have written."""
    message = commit_message("{release.__class__} {digest} {x}", "1.2.3", [("AGENT", "a@d")])
    assert message == "{release.__class__} d {x}"


def test_several_pins_are_listed() -> None:
    """Each digest once in the subject, each image below it."""
    message = commit_message("Pin {digest} for {release}", "1.2.3", [("A", "n/a@d1"), ("B", "n/b@d2"), ("C", "n/c@d1")])
    assert message == "Pin d1, d2 for 1.2.3\n\nA: n/a@d1\nB: n/b@d2\nC: n/c@d1"


@pytest.mark.parametrize("marker", ["[skip ci]", "[Skip CD]"])
def test_a_marker_that_makes_coolify_ignore_the_push(marker: str) -> None:
    """Wherever it stands, e.g. in the repeated subject of a revert."""
    assert skips_deployment(f'Revert "pin {marker}"\n\nText') == marker.lower()
