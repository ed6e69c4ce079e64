"""preflight/releases/moved.py"""

from preflight.errors import CouldNotLook
from preflight.registry.values import Manifest
from preflight.releases.moved import find_moved
from preflight.releases.pin_history import TagCheck
from preflight.testing import fake_context
from tests.preflight.releases.pinned import INDEX, A, B, C, D, Registry, index, record


def test_what_was_moved_and_what_was_not() -> None:
    """A tag on an index that lists what was pinned was not moved; one that answers no more points nowhere."""
    silence = CouldNotLook("no answer", "Try again.")
    malformed = Manifest(A, INDEX, 9, b"not json!")
    registry = Registry({B: "sha256:x", C: index(C, A, D), D: silence, A: malformed})
    checks = [
        TagCheck(record("1.0.0", A), "1.0.0", A),
        TagCheck(record("1.1.0", A), "1.1.0", B),
        TagCheck(record("1.2.0", A), "1.2.0", C),
        TagCheck(record("1.3.0", A), "1.3.0", D),
        TagCheck(record("1.4.0", A), "1.4.0", ""),
        TagCheck(record("1.5.0", B), "1.5.0", A),
    ]

    found = find_moved(fake_context(registry=registry), checks, ["1.1.0", "1.4.0", "9.9.9"])

    assert [(each.check.tag, each.is_gone, each.is_pinned, each.problem) for each in found] == [
        ("1.1.0", False, True, None),
        ("1.3.0", False, False, silence),
        ("1.4.0", True, True, None),
        ("1.5.0", False, False, None),
    ]
    assert registry.asked == [B, C, D, A]
