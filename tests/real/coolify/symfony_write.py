"""How Symfony's YAML writer writes values (symfony/yaml, Dumper.php, Inline.php and Escaper.php)."""

import base64
import math
import re
from typing import Any

from tests.real.coolify import php

_DEPTH = 10
"""Below this level everything stands on one line (``Yaml::dump($data, 10, …)``)."""
_WORDS = {"null", "~", "true", "false", "y", "n", "yes", "no", "on", "off"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\xa0\u2028\u2029]")
_BINARY = re.compile(r"[\x01-\x06\x0e-\x1a\x1c-\x1f]")
_SPECIAL = re.compile(r"""[\s'":{}\[\],&*#?]|\A[-?|<>=!%@`]""")
_LOOKS_ALIKE = re.compile(r"[0-9]+[_0-9]*|0x[0-9a-f_]+|[0-9]{4}-[0-9][0-9]?-[0-9][0-9]?(?:[Tt][0-9].*)?", re.IGNORECASE)
_ESCAPES = {chr(code): f"\\x{code:02x}" for code in (*range(0x20), 0x7F)} | {
    letter: f"\\{name}"
    for letter, name in zip('\\"\0\a\b\t\n\v\f\r\x1b\x85\xa0\u2028\u2029', '\\"0abtnvfre' + "N_LP", strict=True)
}
_ESCAPE_TABLE = str.maketrans(_ESCAPES)


def write(value: Any, indent: int) -> str:
    """Return values as a document.

    Args:
        value: Null, scalars and arrays.
        indent: Spaces per level.
    """
    return _block(value, _DEPTH, 0, indent)


def _block(value: Any, depth: int, level: int, indent: int) -> str:
    if depth <= 0 or not isinstance(value, dict) or not value:
        return " " * level + inline(value)
    lines = []
    as_list = php.is_list(value)
    for key, each in value.items():
        start = " " * level + ("-" if as_list else f"{inline(key)}:")
        if depth == 1 or not isinstance(each, dict) or not each:
            lines.append(f"{start} {inline(each)}\n")
        else:
            lines.append(f"{start}\n{_block(each, depth - 1, level + indent, indent)}")
    return "".join(lines)


def inline(value: Any) -> str:
    """Return a value on one line; an empty array is ``{  }``."""
    if isinstance(value, dict):
        if value and php.is_list(value):
            return f"[{', '.join(inline(each) for each in value.values())}]"
        return f"{{ {', '.join(f'{inline(key)}: {inline(each)}' for key, each in value.items())} }}"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _fraction(value)
    return str(value) if isinstance(value, int) else _string(value)


def _fraction(value: float) -> str:
    if not math.isfinite(value):
        return php.float_text(value).replace("INF", ".Inf")
    text = php.float_text(value)
    whole = math.floor(value) == value and float(text) == value
    return f"{text}.0" if whole and "E" not in text else text


def _string(value: str) -> str:
    if php.is_numeric(value) and not re.search(r"[\f\n\r\t\v]", value):
        return f"'{value}'"
    if not value:
        return "''"
    if _BINARY.search(value):
        return f"!!binary {base64.b64encode(value.encode()).decode()}"
    double = f'"{value.translate(_ESCAPE_TABLE)}"'
    if _CONTROL.search(value):
        return double
    single = "'{}'".format(value.replace("'", "''"))
    if value.lower() in _WORDS or _SPECIAL.search(value):
        return double if "'" in value and len(double.encode()) < len(single.encode()) else single
    return single if _LOOKS_ALIKE.fullmatch(value) else value
