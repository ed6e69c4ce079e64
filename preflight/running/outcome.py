"""The kinds of what there is to say of a service's containers. Values only; the check adds the declared failures."""

from collections.abc import Callable
from enum import StrEnum

from preflight.engine.container import Container
from preflight.errors import CouldNotLook
from preflight.lib.records import frozen
from preflight.model import Json
from preflight.running.judge import Judgement


class Outcome(StrEnum):
    """The kind of an account."""

    CARRIES = "carries"
    STALE = "stale"
    NOT_RUNNING = "not-running"
    FIXED = "fixed-by-rollout"
    FOREIGN = "foreign-value"
    UNKNOWN = "unknown-value"
    DEFAULT = "image-default"
    EMPTY = "empty"
    DROPPED = "dropped"
    ENTRYPOINT = "entrypoint"
    NO_SENTINEL = "no-sentinel"
    PAUSED = "paused"
    RESTARTING = "restarting"
    UNSEEN = "unseen"
    SWARM = "swarm-task"
    OTHER_FILES = "other-files"
    OTHER_FOLDER = "other-folder"
    BY_CAUSE = "by-cause"


@frozen
class Account:
    """One thing to say.

    Args:
        outcome: The kind of the outcome.
        message: One line.
        hint: What to do; empty where the declared remedy says it all.
        container: The one it is about; None for the service as a whole.
        evidence: Backs the message.
        cause: For ``BY_CAUSE``: what became of the pin in Coolify.
        problem: For ``UNSEEN``.
    """

    outcome: Outcome
    message: str
    hint: str
    container: Container | None
    evidence: dict[str, Json]
    cause: "Known | None" = None
    problem: CouldNotLook | None = None


@frozen
class Known:
    """Why the pin did not reach a container.

    Args:
        kind: What became of it, by the code of a failure.
        words: Continue "container X has another Y: ".
        remedy: What to do.
        removed: Files or settings were changed since: the next deployment removes it.
        deployment_fixes: Deploying again is all there is to do.
    """

    kind: str
    words: str
    remedy: str
    removed: bool = False
    deployment_fixes: bool = False


Explain = Callable[[Judgement], Known | None]
