"""preflight/lib/records.py"""

import copy
import pickle
from collections.abc import Mapping
from dataclasses import FrozenInstanceError, asdict, dataclass, field, fields, is_dataclass, replace
from typing import Any, cast

import pytest

from preflight.lib.records import frozen, mutable


@frozen
class Point:
    """Has fields of every kind."""

    x: int
    y: int = 2
    tags: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    token: str = field(default="secret", repr=False)

    @property
    def total(self) -> int:
        return self.x + self.y


@dataclass(frozen=True)
class Standard:
    """The same, made by the standard library."""

    x: int
    y: int = 2
    tags: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    token: str = field(default="secret", repr=False)


@mutable
class Basket:
    """Its fields change."""

    name: str
    items: list[str] = field(default_factory=list)


@frozen
class Empty:
    """Has no fields."""


@frozen
class Percent:
    """Looks at its value."""

    value: int

    def __post_init__(self) -> None:
        if not 0 <= self.value <= 100:
            raise ValueError("no percentage")

    def __str__(self) -> str:
        return f"{self.value} %"


@frozen
class Tag:
    """Keeps the comparison of its own."""

    name: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tag) and other.name.lower() == self.name.lower()

    def __hash__(self) -> int:
        return hash(self.name.lower())


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [((1,), {}), ((1, 3), {}), ((1, 3, ("a",), {"b": "c"}, "t"), {}), ((), {"x": 1}), ((1,), {"token": "t", "y": 4})],
)
def test_a_record_is_made_and_shown_as_a_dataclass(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """By position, by name, with defaults; the words are those of the standard library."""
    made, standard = Point(*args, **kwargs), Standard(*args, **kwargs)

    assert vars(made) == vars(standard)
    assert repr(made) == repr(standard).replace("Standard", "Point")
    assert asdict(made) == asdict(standard)


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((), {}),
        ((1, 2, (), {}, "t", 6), {}),
        ((1,), {"x": 2}),
        ((1,), {"z": 2}),
        ((), {"y": 2}),
        ((1,), {"z": "s3cret"}),
    ],
)
def test_arguments_that_do_not_fit_are_refused(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Too few, too many, one twice, one that is no field; no value is shown."""
    with pytest.raises(TypeError, match=r"Point takes x, y, tags, labels, token, not ") as refused:
        Point(*args, **kwargs)

    assert "s3cret" not in str(refused.value)


def test_each_record_has_its_own_value_from_a_factory() -> None:
    """A list that one changes is not another's."""
    one, other = Basket("one"), Basket("other")
    one.items.append("apple")

    assert (one.items, other.items) == (["apple"], [])
    assert not hasattr(Basket, "items")


def test_what_may_be_secret_is_not_shown() -> None:
    """``field(repr=False)`` keeps a value out of messages and tracebacks."""
    assert repr(Point(1)) == "Point(x=1, y=2, tags=(), labels={})"


def test_equal_fields_make_equal_records() -> None:
    """Only among records of one class; frozen ones are hashable if their fields are."""
    assert Percent(5) == Percent(5) != Percent(6)
    assert {Percent(5), Percent(5), Empty(), Empty()} == {Percent(5), Empty()}
    assert Point(1) != cast("object", Standard(1))
    assert Basket("a", ["b"]) == Basket("a", ["b"]) != Basket("a")
    with pytest.raises(TypeError, match="unhashable"):
        hash(Point(1))  # holds a dict


def test_only_mutable_records_change() -> None:
    """The others refuse it with the standard library's exception."""
    point, basket = Point(1), Basket("a")
    loose: Any = point
    basket.name = "b"

    assert basket.name == "b"
    with pytest.raises(TypeError, match="unhashable"):
        hash(basket)
    with pytest.raises(FrozenInstanceError, match="'x'"):
        loose.x = 2
    with pytest.raises(FrozenInstanceError, match="'y'"):
        del point.y
    assert vars(point) == vars(Point(1))


def test_a_record_keeps_its_own_methods() -> None:
    """``__str__``, ``__eq__``, properties, ``__post_init__``."""
    assert str(Percent(5)) == "5 %"
    assert Point(1).total == 3
    assert len({Tag("a"), Tag("A")}) == 1
    with pytest.raises(ValueError, match="no percentage"):
        Percent(101)


def test_the_standard_library_takes_it_for_a_dataclass() -> None:
    """``replace`` also runs ``__post_init__``; ``fields`` tells names, types and defaults."""
    assert all(is_dataclass(each) for each in (Point, Basket, Empty))
    assert replace(Point(1), y=5) == Point(1, 5)
    assert replace(Basket("a", ["b"]), name="c") == Basket("c", ["b"])
    with pytest.raises(ValueError, match="no percentage"):
        replace(Percent(5), value=-1)
    assert _told(Point) == _told(Standard)
    assert _told(Empty) == []


def _told(record: Any) -> list[tuple[str, object, object]]:
    return [(each.name, each.type, each.default) for each in fields(record)]


def test_a_record_can_be_copied_pickled_and_matched() -> None:
    """As any plain value."""
    point = Point(1, 2, ("a",), {"b": "c"})

    assert copy.deepcopy(point) == copy.copy(point) == pickle.loads(pickle.dumps(point)) == point  # noqa: S301 -- ours
    match point:
        case Point(x, y):
            assert (x, y) == (1, 2)
        case _:
            pytest.fail("no match")


def test_what_is_not_supported_is_refused() -> None:
    """A record as a base, and a default that every instance would share."""
    with pytest.raises(TypeError, match="record as its base"):
        frozen(type("More", (Point,), {"__annotations__": {"z": int}}))
    with pytest.raises(TypeError, match="default_factory"):
        frozen(type("Shared", (), {"__annotations__": {"z": list}, "z": []}))
