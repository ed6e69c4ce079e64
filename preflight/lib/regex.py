"""Regular expressions that are compiled when they are first used: a run uses half of those that its modules name."""

import re
from typing import Any, AnyStr, cast


class Regex:
    """Has the methods and attributes of a compiled expression; the first that is asked for compiles it."""

    def __init__(self, pattern: Any, flags: int) -> None:
        self.given = pattern, flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(re.compile(*self.given), name)  # ``re`` remembers what it compiled
        setattr(self, name, found)
        return found


def regex(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return what ``re.compile`` returns, but compile it later. For expressions at the top of a module.

    Args:
        pattern: The expression. A test compiles all of them, since a mistake shows only when it is used.
        flags: As ``re.compile`` takes them.
    """
    return cast("re.Pattern[AnyStr]", Regex(pattern, flags))
