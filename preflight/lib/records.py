"""Records: classes that behave like dataclasses, without code generated for each of them. Imports nothing of ours.

``dataclasses.dataclass`` writes and compiles the methods of each class when its module is imported. That costs as much
as 350 instances of the class, and took half of a run's CPU time. All records share the methods below instead.
Type checkers see dataclasses (PEP 681), and ``field``, ``replace``, ``fields`` and ``asdict`` of the standard library
work. A record has no record as a base, and no ``ClassVar`` or ``InitVar``. It keeps the methods it defines itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T]) -> type[T]:
    """Make a class a record whose fields are set once, as ``@dataclass(frozen=True)`` does.

    Raises:
        TypeError: The base of the class is a record, or a default value can change.
    """
    return _made(cls, _FROZEN)


@dataclass_transform(field_specifiers=(field,))
def mutable(cls: type[T]) -> type[T]:
    """Make a class a record whose fields can change, as ``@dataclass`` does.

    Raises:
        TypeError: The base of the class is a record, or a default value can change.
    """
    return _made(cls, _MUTABLE)


class _Layout:
    """The fields of one record, as its class body declares them.

    Args:
        cls: The class before it becomes a record.
    """

    def __init__(self, cls: type) -> None:
        own = vars(cls)
        self.record = cls.__qualname__
        self.names = tuple(cls.__annotations__)
        self.set_of_names = frozenset(self.names)
        self.specified = {name: own[name] for name in self.names if isinstance(own.get(name), Field)}
        self.defaults = {name: own[name] for name in self.names if name in own and name not in self.specified}
        self.factories: dict[str, Callable[[], Any]] = {}
        for name, given in self.specified.items():
            if given.default is not MISSING:
                self.defaults[name] = given.default
            if given.default_factory is not MISSING:
                self.factories[name] = given.default_factory
        self.shown = tuple(name for name in self.names if name not in self.specified or self.specified[name].repr)
        self.values: Callable[[object], object] = attrgetter(*self.names) if self.names else _no_values
        self.has_post_init = "__post_init__" in own

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Return a value for each field.

        Raises:
            TypeError: The arguments are not those of the record. The message names no value, which may be secret.
        """
        values = {**self.defaults, **dict(zip(self.names, args, strict=False)), **kwargs}
        for name, make in self.factories.items():
            if name not in values:
                values[name] = make()
        twice = bool(args) and any(name in kwargs for name in self.names[: len(args)])
        if twice or len(args) > len(self.names) or values.keys() != self.set_of_names:
            given = ", ".join([f"{len(args)} by position", *kwargs])
            raise TypeError(f"{self.record} takes {', '.join(self.names) or 'nothing'}, not {given}")
        return values


class _StandardFields:
    """What the standard library knows a dataclass by; made by itself when somebody calls ``replace``, ``fields``, …."""

    def __get__(self, instance: object, owner: Any) -> dict[str, Field[Any]]:
        layout: _Layout = owner.__layout__
        body = {"__annotations__": dict(owner.__annotations__), **layout.defaults, **layout.specified}
        described: Any = dataclass(type(layout.record, (), body))
        owner.__dataclass_fields__ = described.__dataclass_fields__
        return dict(owner.__dataclass_fields__)


_STANDARD_FIELDS = _StandardFields()


def _made(record: type[T], methods: Mapping[str, Callable[..., Any] | None]) -> type[T]:
    cls: Any = record
    if hasattr(cls, "__layout__"):
        raise TypeError(f"{cls.__qualname__} has a record as its base")
    layout = _Layout(cls)
    for name, default in layout.defaults.items():
        if type(default).__hash__ is None:
            raise TypeError(f"{cls.__qualname__}.{name}: the default value can change; use default_factory")
    for name in layout.specified:
        delattr(cls, name)
    for name in layout.defaults.keys() & layout.specified.keys():
        setattr(cls, name, layout.defaults[name])
    for name, method in methods.items():
        if vars(cls).get(name) is None:  # Python sets __hash__ to None beside an __eq__
            setattr(cls, name, method)
    cls.__layout__ = layout
    setattr(cls, "__match_args__", layout.names)  # noqa: B010 -- mypy refuses the plain way
    cls.__dataclass_fields__ = _STANDARD_FIELDS
    return record


def _init(self: Any, *args: Any, **kwargs: Any) -> None:
    layout: _Layout = self.__layout__
    if not kwargs and len(args) == len(layout.names):
        self.__dict__.update(zip(layout.names, args, strict=True))
    elif not args and kwargs.keys() == layout.set_of_names:
        self.__dict__.update(kwargs)
    else:
        self.__dict__.update(layout.bind(args, kwargs))
    if layout.has_post_init:
        self.__post_init__()


def _eq(self: Any, other: Any) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    values = self.__layout__.values
    return values(self) == values(other)


def _hash(self: Any) -> int:
    return hash(self.__layout__.values(self))


def _repr(self: Any) -> str:
    layout: _Layout = self.__layout__
    return f"{layout.record}({', '.join(f'{name}={getattr(self, name)!r}' for name in layout.shown)})"


def _refuse_to_set(_self: object, name: str, _value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _no_values(_self: object) -> tuple[()]:
    return ()


_SHARED: dict[str, Callable[..., Any] | None] = {"__init__": _init, "__eq__": _eq, "__repr__": _repr}
_MUTABLE = {**_SHARED, "__hash__": None}
_FROZEN = {**_SHARED, "__hash__": _hash, "__setattr__": _refuse_to_set, "__delattr__": _refuse_to_delete}
