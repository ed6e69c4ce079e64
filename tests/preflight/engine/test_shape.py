"""preflight/engine/shape.py."""

from collections.abc import Callable

import pytest

from preflight.engine import shape
from preflight.engine.shape import WrongShapeError


@pytest.mark.parametrize(
    ("read", "given", "found"),
    [
        (shape.mapping, {"A": 1}, {"A": 1}),
        (shape.mapping, None, {}),
        (shape.sequence, [1], [1]),
        (shape.sequence, None, []),
        (shape.text, "a", "a"),
        (shape.text, None, ""),
        (shape.texts, ["a"], ["a"]),
        (shape.labels, {"a": "b"}, {"a": "b"}),
        (shape.labels, None, {}),
        (shape.whole, 7, 7),
        (shape.whole, None, 0),
    ],
)
def test_what_an_engine_says(read: Callable[[object, str], object], given: object, found: object) -> None:
    """Null is what Go writes for nothing."""
    assert read(given, "Field") == found


@pytest.mark.parametrize(
    ("read", "given"),
    [
        (shape.mapping, ["hunter2"]),
        (shape.mapping, "hunter2"),
        (shape.sequence, {"hunter2": 1}),
        (shape.sequence, "hunter2"),
        (shape.text, ["hunter2"]),
        (shape.text, {"hunter2": 1}),
        (shape.demanded, ""),
        (shape.demanded, None),
        (shape.texts, ["a", {"hunter2": 1}]),
        (shape.labels, {"a": ["hunter2"]}),
        (shape.labels, ["hunter2"]),
        (shape.whole, "7"),
        (shape.whole, True),
        (shape.whole, 7.5),
    ],
)
def test_what_none_says(read: Callable[[object, str], object], given: object) -> None:
    """The field is named, what stands in it is not."""
    with pytest.raises(WrongShapeError, match="Field") as caught:
        read(given, "Field")
    assert "hunter2" not in str(caught.value)
