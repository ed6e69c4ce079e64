"""The rules of PHP's arrays and strings that decide what Coolify's parser makes of a file.

A PHP array is a map and a list in one: here a ``dict`` whose keys are whole numbers and strings. ``[]`` and ``{}`` are
the same empty array, and an array is a list when its keys are 0, 1, 2 and so on.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

Array = dict[int | str, Any]
_LARGEST = 2**63 - 1
_WHOLE = re.compile(r"0|-?[1-9][0-9]*")
_NUMERIC = re.compile(r"[ \t\n\r\v\f]*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[ \t\n\r\v\f]*")


def listed(*values: Any) -> Array:
    """Return values as a list."""
    return dict(enumerate(values))


def is_list(array: Array) -> bool:
    """Tell whether the keys are 0, 1, 2 and so on; an empty array is a list."""
    return all(key == number for number, key in enumerate(array))


def as_key(text: str) -> int | str:
    """Return a string as the key that PHP makes of it: a whole number in its plain form becomes a number."""
    return int(text) if _WHOLE.fullmatch(text) and abs(int(text)) <= _LARGEST else text


def is_numeric(text: str) -> bool:
    """Tell whether PHP takes a string for a number."""
    return _NUMERIC.fullmatch(text) is not None


def collected(value: Any) -> Array:
    """Return what ``collect()`` makes of a value: null is empty, and a scalar is a list of one."""
    if value is None:
        return {}
    return value if isinstance(value, dict) else listed(value)


def merged(*arrays: Mapping[Any, Any]) -> Array:
    """Return ``array_merge()``: string keys are overwritten in their place, numbers are counted again from 0."""
    result: Array = {}
    count = 0
    for array in arrays:
        for key, value in array.items():
            if isinstance(key, int):
                result[count] = value
                count += 1
            else:
                result[key] = value
    return result


def pushed(array: Array, *values: Any) -> Array:
    """Return an array with values appended, under the numbers that follow its greatest."""
    free = max((key for key in array if isinstance(key, int)), default=-1) + 1
    return {**array, **{free + number: value for number, value in enumerate(values)}}


def unique(array: Array) -> Array:
    """Return the values that equal no earlier one, loosely compared, as a list."""
    kept: list[Any] = []
    for value in array.values():
        if not any(same(value, each) for each in kept):
            kept.append(value)
    return listed(*kept)


def same(one: Any, other: Any) -> bool:
    """Tell whether PHP's ``==`` holds."""
    if isinstance(one, dict) and isinstance(other, dict):
        return len(one) == len(other) and all(key in other and same(value, other[key]) for key, value in one.items())
    if isinstance(one, bool) or isinstance(other, bool):
        return truth(one) == truth(other)
    if one is None or other is None:
        return truth(one) == truth(other) if isinstance(one or other, dict) else text(one) == text(other)
    if isinstance(one, dict) or isinstance(other, dict):
        return False
    if is_numeric(text(one)) and is_numeric(text(other)):
        return float(text(one)) == float(text(other))
    return text(one) == text(other)


def truth(value: Any) -> bool:
    """Tell whether PHP takes a value for true: not for ``"0"``."""
    return bool(value) and value != "0"


def text(value: Any) -> str:
    """Return a value as PHP writes it into a string."""
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    if isinstance(value, dict):
        return "Array"
    return float_text(value) if isinstance(value, float) else str(value)


def float_text(value: float) -> str:
    """Return a fraction with PHP's 14 digits."""
    if not math.isfinite(value):
        return "NAN" if math.isnan(value) else "INF" if value > 0 else "-INF"
    mantissa, exponent, power = f"{value:.14G}".partition("E")
    if not exponent:
        return mantissa
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}E{int(power):+d}"
