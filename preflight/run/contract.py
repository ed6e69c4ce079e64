"""What a check class must say of itself, seen to before anything runs: an author's mistake is no operator's crash."""

from collections.abc import Sequence
from typing import Any, TypeAlias, TypeVar, get_args, get_origin

from preflight.check import Check
from preflight.errors import ConfigurationError
from preflight.model import About

CheckClass: TypeAlias = type[Check[Any]]


def in_order(classes: Sequence[CheckClass]) -> tuple[CheckClass, ...]:
    """Return the classes, each once, in the order of cause and effect, then of their ids.

    Raises:
        ConfigurationError: Two of them have one id, or one lacks what the engine needs to know.
    """
    by_id: dict[str, CheckClass] = {}
    for check in classes:
        _refuse_incomplete(check)
        other = by_id.setdefault(check.about.id, check)
        if other is not check:
            raise ConfigurationError(
                f"two checks have the id {check.about.id}: {_place(other)} and {_place(check)}",
                "Remove or rename one of them.",
            )
    return tuple(sorted(by_id.values(), key=lambda check: (check.about.area, check.about.id)))


def _refuse_incomplete(check: CheckClass) -> None:
    if not isinstance(getattr(check, "about", None), About):
        raise ConfigurationError(f"the check {_place(check)} has no `about = About(…)`", "Add it to the class.")
    given: Any = check.settings_type
    written = settings_of(check)
    if written is not None and not (isinstance(given, type) and issubclass(given, written)):
        line = f"settings_type = {written.__name__}"
        raise ConfigurationError(
            f"the check {_place(check)} is a Check[{written.__name__}] without `{line}`", f"Add `{line}` to the class."
        )
    # Not `is_dataclass`: our own records make what that asks for, which costs more than all else here.
    if not any("__dataclass_fields__" in vars(base) for base in getattr(given, "__mro__", ())):
        raise ConfigurationError(
            f"`settings_type` of the check {_place(check)} is no dataclass", "Decorate it with @dataclass(frozen=True)."
        )


def settings_of(check: type[Any]) -> type[Any] | None:
    """Return the type of the settings that the class statement names: ``Check[Settings]``; None where it names none."""
    found = _written_settings(check)
    return found if isinstance(found, type) and found is not Any else None


def _written_settings(check: type[Any]) -> object:
    for base in vars(check).get("__orig_bases__", check.__bases__):
        origin = get_origin(base) or base
        if origin is Check:
            return next(iter(get_args(base)), None)
        if isinstance(origin, type) and issubclass(origin, Check):
            found = _written_settings(origin)
            if isinstance(found, TypeVar):  # of a class between that is generic itself: what stands in its brackets
                return dict(zip(getattr(origin, "__parameters__", ()), get_args(base), strict=False)).get(found)
            return found
    return None


def _place(check: CheckClass) -> str:
    return f"{check.__module__}.{check.__qualname__}"
