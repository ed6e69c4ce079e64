"""preflight/engine/image_names.py; tests/checks/test_coolify_image_cleanup.py sees a real engine do the same."""

import pytest

from preflight.engine.image_names import names_left, names_of_others

A, B, B_2 = "host:5000/a:1", "host:5000/b:1", "host:5000/b:2"
A_DIGEST, B_DIGEST = "host:5000/a@sha256:0", "host:5000/b@sha256:0"


@pytest.mark.parametrize(
    ("names", "asked", "left"),
    [
        ([A, A_DIGEST], [A], [A, A_DIGEST]),
        ([A_DIGEST], [A_DIGEST], [A_DIGEST]),
        ([A, B, A_DIGEST], [A, B], [B]),
        ([A, B, A_DIGEST], [B, A], [A, A_DIGEST]),
        ([B, B_2, B_DIGEST], [B, B_2], [B_2, B_DIGEST]),
        ([A, A_DIGEST, B_DIGEST], [A], [B_DIGEST]),
        ([A_DIGEST, B_DIGEST], [A_DIGEST, B_DIGEST], [B_DIGEST]),
        ([A, A_DIGEST], [B], [A, A_DIGEST]),
    ],
)
def test_the_last_name_of_an_image_in_use_stays(names: list[str], asked: list[str], left: list[str]) -> None:
    """One tag at most, and digests of its repository, are the last; any other name goes."""
    assert names_left(names, asked) == frozenset(left)


def test_names_of_others_are_those_that_have_to_go() -> None:
    """A digest goes with the last tag of its repository, so that `docker rmi` of it would fail."""
    names = [A, A_DIGEST, B, B_2, B_DIGEST]

    others = names_of_others(names, "host:5000/a")

    assert others == (B, B_2)
    assert names_left(names, others) == {A, A_DIGEST}
    assert names_of_others([A_DIGEST, B_DIGEST], "host:5000/a") == (B_DIGEST,)
    assert names_of_others([A, A_DIGEST], "host:5000/a") == ()
