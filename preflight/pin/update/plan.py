"""An update as a whole: chosen, asked for and verified before anything is written."""

from dataclasses import field, replace
from functools import partial

from preflight.context import Context
from preflight.lib.deadline import Deadline
from preflight.lib.records import frozen
from preflight.lib.reference import ImageReference, short_digest
from preflight.pin.candidate import Verified, demand_pinnable
from preflight.pin.deliver import Change
from preflight.pin.message import commit_message
from preflight.pin.refusal import Refused
from preflight.pin.rollback.plan import read_changes
from preflight.pin.rollback.target import releases_left, shown, value_of_change
from preflight.pin.update.source import Patience, find_source
from preflight.project import Pin
from preflight.releases.names import Release, find_releases
from preflight.releases.timeline import PinChange
from preflight.run.config import Configuration

_SECONDS = 60.0
"""For all that follows when the source is there."""


@frozen
class Order:
    """What the operator asks for.

    Args:
        release: To pin.
        source: The tag that the image is taken from; empty: that of the release.
        allow_older: It may be older than what is pinned.
        again: It may be one that was rolled back from.
        patience: How to wait for the source.
    """

    release: Release
    source: str = ""
    allow_older: bool = False
    again: bool = False
    patience: Patience = field(default_factory=Patience)

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags of the release itself, with and without a leading v."""
        return self.release.name, f"v{self.release.name}"


@frozen
class UpdatePlan:
    """What an update will do.

    Args:
        present: The change that made the present pin.
        release: What is pinned then.
        digest: Of the bytes that the registry sent for the source.
        source: The tag that they were asked for by.
        change: Of the file.
        message: Of the commit.
        verified: What the checks said of the image.
        notes: What else the operator should know.
    """

    present: PinChange
    release: str
    digest: str
    source: str
    change: Change
    message: str
    verified: Verified
    notes: tuple[str, ...] = ()


def make_plan(ctx: Context, configuration: Configuration, pin: Pin, order: Order) -> UpdatePlan:
    """Find the image of a release, and verify it.

    Args:
        ctx: For the doors.
        configuration: The settings of the checks that verify.
        pin: It.
        order: What is asked for.

    Raises:
        Refused: The release is older than the present one, was rolled back from, has no image or two, or a check fails.
        CouldNotLook: Git, the registry or a verifier cannot be asked.
    """
    changes = read_changes(ctx, pin)
    if not changes or changes[0].image is None:
        raise Refused(
            f"the last commit pins no image by digest for {pin.variable}",
            f"Write {pin.variable}=IMAGE@sha256:… by hand and commit it; updates go on from there.",
        )
    present = changes[0]
    _demand_newer(present, order)
    image = replace(changes[0].image, digest=None)
    source = find_source(ctx.doors.registry, image, (order.source,) if order.source else order.tags, order.patience)
    ctx = replace(ctx, deadline=Deadline.after(_SECONDS))
    digest = source.digest
    notes = _compare_with_release(ctx, image, order, digest) if order.source else ()
    if digest in releases_left(changes) and not order.again:
        raise Refused(
            f"release {order.release.name} ({short_digest(digest)}) was rolled back from",
            "Pin a later release, or say that you mean it: --again.",
        )
    before = value_of_change(present, pin.variable)
    after = f"{_written_name(before)}@{digest}"
    return UpdatePlan(
        present=present,
        release=order.release.name,
        digest=digest,
        source=source.tag,
        change=Change(pin.file, {pin.variable: partial(_decide, present, before, after)}),
        message=commit_message("", order.release.name, digest),
        verified=demand_pinnable(ctx, configuration, pin, after),
        notes=notes,
    )


def _demand_newer(present: PinChange, order: Order) -> None:
    """Refuse to go back: that is a rollback, which leaves a trace as such."""
    pinned = next(iter(find_releases([present.release])), None)
    if pinned is not None and order.release.order < pinned.order and not order.allow_older:
        raise Refused(
            f"release {order.release.name} is older than {pinned.name}, which is pinned",
            f"To go back: preflight pin rollback --to {order.release.name}; or say that you mean it: --allow-older.",
        )


def _compare_with_release(ctx: Context, image: ImageReference, order: Order, digest: str) -> tuple[str, ...]:
    """Refuse a source that is not what the release's own tag names, where that is there."""
    try:
        target = find_source(ctx.doors.registry, image, order.tags, Patience())
    except Refused:
        return (f"the registry has no tag for release {order.release.name} yet",)
    if target.digest != digest:
        raise Refused(
            f"the tag {target.tag} is {short_digest(target.digest)}, but {order.source} is {short_digest(digest)}",
            "Publish the release from that source, or name another source.",
        )
    return ()


def _written_name(value: str) -> str:
    """Return the name in a pin's value as it is written there, without tag and digest."""
    name = value.partition("@")[0]
    colon = name.find(":", name.rfind("/") + 1)
    return name if colon < 0 else name[:colon]


def _decide(present: PinChange, before: str, after: str, found: str) -> str:
    """Return the new value; refuse to overwrite what somebody else pinned meanwhile."""
    if found in {before, after}:
        return after
    raise Refused(
        f"the pin is no longer {shown(present)}: somebody pinned another image meanwhile",
        "git pull, look at it (preflight pin history), and decide again.",
    )
