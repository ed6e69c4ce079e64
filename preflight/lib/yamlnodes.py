"""The tree that a YAML file becomes: each value knows its line, tag and text. Imports nothing of ours."""

from typing import TypeAlias

RESET = "!reset"
OVERRIDE = "!override"
_CORE = "tag:yaml.org,2002:"
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


class Scalar:
    """One word or text.

    Args:
        line: From 1.
        tag: As written (``!reset``), in full for YAML's own; empty when there is none.
        text: The value as text.
        plain: Written without quotes, so that it may be a boolean, a number or null.
    """

    __slots__ = ("line", "plain", "tag", "text")  # a large file has many thousands of each kind

    def __init__(self, line: int, tag: str, text: str, *, plain: bool) -> None:
        self.line, self.tag, self.text, self.plain = line, tag, text, plain

    @property
    def is_null(self) -> bool:
        """Whether this is YAML's null, written or left out."""
        return self.tag == _CORE + "null" or (not self.tag and self.plain and self.text in _NULLS)

    @property
    def boolean(self) -> bool | None:
        """The boolean this is in YAML 1.2, or ``None``."""
        may_be = self.tag == _CORE + "bool" or (not self.tag and self.plain)
        return _BOOLEANS.get(self.text) if may_be else None

    @property
    def is_text(self) -> bool:
        """Whether YAML 1.2 sees text here: no null, boolean or number."""
        if self.tag.startswith(_CORE):
            return self.tag == _CORE + "str"
        return not self.plain or not (self.is_null or self.boolean is not None or _is_number(self.text))


class Item:
    """A value in its place.

    Args:
        value: The value; one that stands behind an alias is the very same object as the anchor's.
        line: The line of the key, or of the list item, where it is used.
        key: The key, empty in a list.
        aliased: Whether it came through ``*alias`` or ``<<``.
    """

    __slots__ = ("aliased", "key", "line", "value")

    def __init__(self, value: "Node", line: int, key: str = "", *, aliased: bool = False) -> None:
        self.value, self.line, self.key, self.aliased = value, line, key, aliased


class Sequence:
    """A list; see ``Scalar`` for ``line`` and ``tag``."""

    __slots__ = ("items", "line", "tag")

    def __init__(self, line: int, tag: str) -> None:
        self.line, self.tag = line, tag
        self.items: list[Item] = []


class Mapping:
    """A mapping with its merge keys (``<<``) resolved: explicit keys win, then the earlier merged map.

    A key whose value is tagged ``!reset`` is in ``items`` like any other, but does not hide a merged one:
    that is ``under``, the merged item that Compose sees once it has taken the reset one away.
    """

    __slots__ = ("items", "line", "tag", "under")

    def __init__(self, line: int, tag: str) -> None:
        self.line, self.tag = line, tag
        self.items: dict[str, Item] = {}
        self.under: dict[str, Item] = {}

    def get(self, key: str) -> "Node | None":
        """Return the value of a key, or ``None``."""
        item = self.items.get(key)
        return item.value if item else None


Node: TypeAlias = Scalar | Sequence | Mapping


def _is_number(text: str) -> bool:
    body = text.replace("_", "")
    try:
        int(body, 0)
    except ValueError:
        try:
            float(body)
        except ValueError:
            return body.lstrip("+-").lower() in {".inf", ".nan"}
        return body[-1] not in "fnyFNY"  # "inf", "nan", "infinity" are words in YAML
    return True
