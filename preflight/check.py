"""The interface every check implements, and the words to answer with."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from preflight.failures import COULD_NOT_LOOK, NOT_APPLICABLE, NOT_LOOKED_AT
from preflight.lib.records import frozen
from preflight.model import About, Finding, Json, Location, Need, Status, Subject

if TYPE_CHECKING:
    from preflight.context import Context


@frozen
class NoSettings:
    """The settings of a check that has none."""


SettingsT = TypeVar("SettingsT")


def setting(default: Any, meaning: str, *, values: Sequence[str] = ()) -> Any:
    """Return a field of a settings dataclass that explains itself.

    Args:
        default: Its value where the configuration says nothing.
        meaning: One sentence for ``explain`` and the manual.
        values: The allowed values, where there are few.
    """
    from dataclasses import field

    return field(default=default, metadata={"meaning": meaning, "values": tuple(values)})


class Check(ABC, Generic[SettingsT]):
    """One question to the deploy host.

    A subclass states ``about`` and answers ``run``. It yields one finding a thing it judged: ``passed`` only for what
    it saw right, ``ctx.found(FAILURE, …)`` for what its ``about.failures`` declare. It raises ``CouldNotLook`` (or lets
    a door raise it) when it could not see, and ``DoesNotApply`` when there is nothing to judge; the engine turns both,
    and any other exception, into a finding, so that one check never costs another's answer.

    Settings of its own stand in ``preflight.yaml`` under ``checks: {ID: …}``. They are a frozen dataclass
    named in ``settings_type`` whose fields (``str``, ``int``, ``float``, ``bool``, ``tuple[str, ...]``, each
    with a default) are the allowed keys; its ``__post_init__`` raises ``ValueError`` for a bad value. A field's
    meaning and its allowed values, for ``explain`` and the manual, stand in its metadata: ``setting("…")``.
    """

    about: ClassVar[About]
    settings_type: ClassVar[type[Any]] = NoSettings

    def __init__(self, settings: SettingsT) -> None:
        self.settings = settings

    @abstractmethod
    def run(self, ctx: "Context") -> Iterable[Finding]:
        """Look, and say what was seen."""


def passed(message: str, subject: Subject | None = None, /, *, at: Location | None = None, **evidence: Json) -> Finding:
    """Looked, and saw it right."""
    return Finding(Status.PASS, message, "", evidence, at, subject=subject)


def skipped(
    message: str, subject: Subject | None = None, /, *, hint: str = "", at: Location | None = None, **evidence: Json
) -> Finding:
    """Does not apply here; the message names the reason."""
    return Finding(Status.SKIP, message, hint, evidence, at, NOT_APPLICABLE, subject)


def not_looked_at(
    message: str, subject: Subject | None = None, /, *, hint: str, at: Location | None = None, **evidence: Json
) -> Finding:
    """Applies here, but nobody told the check to look (offline, not configured): with ``--strict`` a failure."""
    return Finding(Status.SKIP, message, hint, evidence, at, NOT_LOOKED_AT, subject)


def could_not_look(
    message: str,
    subject: Subject | None = None,
    need: Need | None = None,
    /,
    *,
    hint: str,
    at: Location | None = None,
    **evidence: Json,
) -> Finding:
    """Could not see what was to be judged: never a pass."""
    return Finding(Status.ERROR, message, hint, evidence, at, COULD_NOT_LOOK, subject, need)
