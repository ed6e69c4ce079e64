"""preflight/releases/wrong_digest.py"""

import pytest

from preflight.errors import CouldNotLook
from preflight.registry.values import Manifest
from preflight.releases.names import find_releases
from preflight.releases.wrong_digest import Parent, find_parent, parent_of, says_child
from preflight.testing import fake_context
from tests.preflight.releases.pinned import INDEX, NAME, A, B, C, D, Registry, image, index

SILENCE = CouldNotLook("no answer", "Try again.")


def test_an_index_that_lists_the_digest_is_its_parent() -> None:
    """By its tag, or by the digest at which the tag points; nothing else is one."""
    registry = Registry({"1.0.0": index(B, C, A), B: index(B, C, A), "single": D, "bad": Manifest(D, INDEX, 1, b"no")})
    ctx = fake_context(registry=registry)

    assert parent_of(ctx, image(A), "1.0.0") == Parent("1.0.0", B, "linux/amd64")
    assert parent_of(ctx, image(A), "1.0.0", B) == Parent("1.0.0", B, "linux/amd64")
    assert parent_of(ctx, image(D), "1.0.0") is None
    assert parent_of(ctx, image(A), "single") is None
    assert parent_of(ctx, image(A), "bad") is None
    with pytest.raises(CouldNotLook):
        parent_of(ctx, image(A), "gone")


def test_releases_are_looked_through_for_it() -> None:
    """Likely ones first, no more than a few; a tag that does not answer costs nothing."""
    tags = {f"1.{minor}.0": SILENCE for minor in range(100)}
    registry = Registry({**tags, "1.3.0": index(B, A)})
    ctx, there = fake_context(registry=registry), find_releases(tags)

    assert find_parent(ctx, image(A), there, frozenset({"1.3.0"})) == Parent("1.3.0", B, "linux/amd64")
    assert find_parent(ctx, image(A), there, frozenset()) is None
    assert find_parent(ctx, image(A), (), frozenset()) is None
    assert len(registry.asked) == 24 * 2


def test_the_remedy_is_the_index() -> None:
    """It can be pasted; a tag cannot steer the terminal."""
    words, hint = says_child(image(A), Parent("1.0.0\x1b[2J", B, "linux/arm64"))

    assert words.startswith("you pinned the linux/arm64 image of 1.0.0")
    assert "\x1b" not in words
    assert hint == f"Pin the index, for every platform: {NAME}@{B}"
