"""The interface every check implements, and the words to answer with."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from preflight.model import About, Finding, Json, Location, Status

if TYPE_CHECKING:
    from preflight.context import Context


@dataclass(frozen=True)
class NoSettings:
    """The settings of a check that has none."""


SettingsT = TypeVar("SettingsT")


class Check(ABC, Generic[SettingsT]):
    """One question to the deploy host.

    A subclass states ``about`` and answers ``run``. It yields one finding a thing it judged, and a
    ``pass`` only for what it saw right. It raises ``CouldNotLook`` (or lets a door raise it) when it could
    not see, and ``DoesNotApply`` when there is nothing to judge; the engine turns both, and any other
    exception, into a finding, so that one check never costs another's answer.

    Settings of its own stand in ``preflight.yaml`` under ``checks: {ID: …}``. They are a frozen dataclass
    named in ``settings_type`` whose fields (``str``, ``int``, ``float``, ``bool``, ``tuple[str, ...]``, each
    with a default) are the allowed keys; its ``__post_init__`` raises ``ValueError`` for a bad value.
    """

    about: ClassVar[About]
    settings_type: ClassVar[type[Any]] = NoSettings

    def __init__(self, settings: SettingsT) -> None:
        self.settings = settings

    @abstractmethod
    def run(self, ctx: "Context") -> Iterable[Finding]:
        """Look, and say what was seen."""


def passed(message: str, *, at: Location | None = None, **evidence: Json) -> Finding:
    """Looked, and saw it right."""
    return Finding(Status.PASS, message, "", evidence, at)


def warned(message: str, *, hint: str, at: Location | None = None, **evidence: Json) -> Finding:
    """Works today, but is fragile."""
    return Finding(Status.WARN, message, hint, evidence, at)


def failed(message: str, *, hint: str, at: Location | None = None, **evidence: Json) -> Finding:
    """Looked, and saw it wrong."""
    return Finding(Status.FAIL, message, hint, evidence, at)


def skipped(message: str, *, hint: str = "", at: Location | None = None, **evidence: Json) -> Finding:
    """Does not apply here; the message names the reason."""
    return Finding(Status.SKIP, message, hint, evidence, at)


def could_not_look(message: str, *, hint: str, at: Location | None = None, **evidence: Json) -> Finding:
    """Could not see what was to be judged: never a pass."""
    return Finding(Status.ERROR, message, hint, evidence, at)
