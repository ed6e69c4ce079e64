"""What Coolify refuses in a compose file, or makes Compose refuse, as values."""

from enum import StrEnum

from preflight.lib.records import frozen


class RefusalKind(StrEnum):
    """What is refused, and by whom."""

    UNREADABLE = "Symfony's YAML refuses the file"
    NO_KEY = "what a value refers to is no name of a variable"
    NUMBERED = "a build argument without a value becomes a variable called by a number"
    EMPTY_LIST = "an empty list becomes an empty map"
    NUMBER_KEY = "a key that is a number loses its quotes"
    PATH = "a path in volumes: has letters of a shell"
    LOST = "a top-level key is lost that a service needs"
    REPLICAS = "several containers get one name"
    MAP_LABELS = "raw mode adds labels with numbers for names to a map"
    NO_LABELS = "raw mode adds no label beside the value true"


@frozen
class Refusal:
    """One place in the file.

    Args:
        kind: What is wrong there.
        what: The tag, variable or key, for people; never a value.
        line: From 1; None where the whole file is meant.
        service: Whose; "" where it is the whole file.
    """

    kind: RefusalKind
    what: str
    line: int | None
    service: str = ""
