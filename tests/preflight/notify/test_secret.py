"""preflight/notify/secret.py"""

from pathlib import Path

import pytest

from preflight.notify.errors import NotDelivered
from preflight.notify.secret import Secret


def test_where_a_secret_may_be(tmp_path: Path) -> None:
    """A file with a line end, a variable, or no secret at all."""
    (tmp_path / "key").write_text("s3cret\n")

    assert Secret("url_file", file=tmp_path / "key").read({}) == "s3cret"
    assert Secret("url_env", variable="KEY").read({"KEY": "s3cret"}) == "s3cret"
    assert Secret("url", text="https://a").read({}) == "https://a"
    assert "https" not in repr(Secret("url", text="https://a"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "no such file"),
        (b"", "is empty"),
        (b"a\nb", "more than one line"),
        (b"\xff", "not UTF-8"),
        (b"x" * 9000, "8 KiB"),
    ],
)
def test_what_cannot_be_one(tmp_path: Path, content: bytes | None, said: str) -> None:
    """It is not delivered, and says why."""
    if content is not None:
        (tmp_path / "key").write_bytes(content)

    with pytest.raises(NotDelivered, match=said):
        Secret("url_file", file=tmp_path / "key").read({})


def test_a_variable_that_is_not_set_is_named() -> None:
    """By its name."""
    with pytest.raises(NotDelivered, match="CHAT is empty"):
        Secret("url_env", variable="CHAT").read({})
