"""An update as a whole: chosen, asked for and verified before anything is written or published."""

from collections.abc import Sequence
from dataclasses import replace

from preflight.context import Context
from preflight.errors import ConfigurationError, CouldNotLook
from preflight.lib.deadline import Deadline
from preflight.lib.records import frozen
from preflight.lib.reference import short_digest
from preflight.lib.versions import parse_release_tag
from preflight.pin.candidate import Verified, demand_pinnable
from preflight.pin.deliver import Change
from preflight.pin.message import commit_message, skips_deployment
from preflight.pin.refusal import Refused
from preflight.pin.rollback.target import releases_left, shown
from preflight.pin.update.order import Order
from preflight.pin.update.pinned import Pinned, release_of
from preflight.pin.update.retag import Target, look_at_target
from preflight.pin.update.source import Source, find_source
from preflight.releases.names import Release, find_releases, named_releases
from preflight.run.config import Configuration

_SECONDS = 60.0
"""Seconds for all that follows once the source is there."""


class PinMoved(Refused):
    """Somebody pinned another image between our look at the line and our write."""


@frozen
class PinPlan:
    """What an update will do to one pin.

    Args:
        pinned: What it is where the change goes.
        source: The image.
        target: The release's own tag.
        value: What the pin becomes.
        verified: What the checks said of the image; of one that is pinned already nobody asks them.
        notes: What else the operator should know.
    """

    pinned: Pinned
    source: Source
    target: Target
    value: str
    verified: Verified = Verified((), ())
    notes: tuple[str, ...] = ()

    @property
    def variable(self) -> str:
        """The variable of the pin."""
        return self.pinned.pin.variable

    @property
    def is_there(self) -> bool:
        """Whether the image is pinned already."""
        return self.pinned.present.digest == self.source.digest

    def decide(self, found: str) -> str:
        """Return the new value of the line.

        Raises:
            PinMoved: It is no longer what it was.
        """
        if self.is_there and found == self.pinned.value:
            return found
        if found in {self.pinned.value, self.value}:
            return self.value
        raise PinMoved(
            f"{self.variable} is no longer {shown(self.pinned.present)}: somebody pinned another image meanwhile",
            "git pull, look at it (preflight pin history), and decide again.",
        )


@frozen
class UpdatePlan:
    """What an update will do.

    Args:
        order: What was asked for.
        pins: At least one.
    """

    order: Order
    pins: tuple[PinPlan, ...]

    @property
    def is_done(self) -> bool:
        """Whether there is nothing to write or to publish."""
        return self.is_written and not self.publishes

    @property
    def publishes(self) -> bool:
        """Whether a tag is to be put in the registry."""
        return any(each.target.publish for each in self.pins)

    @property
    def is_written(self) -> bool:
        """Whether every image is pinned already, so that there is nothing to commit."""
        return all(each.is_there for each in self.pins)

    @property
    def change(self) -> Change:
        """The change of all pin files, as one."""
        files = dict.fromkeys(each.pinned.pin.file for each in self.pins)
        first, *others = (
            Change(file, {each.variable: each.decide for each in self.pins if each.pinned.pin.file == file})
            for file in files
        )
        return replace(first, more=tuple(others))

    @property
    def message(self) -> str:
        """The message of the commit."""
        template = self.pins[0].pinned.pin.message
        return commit_message(template, self.order.release.name, [(each.variable, each.value) for each in self.pins])

    @property
    def notes(self) -> tuple[str, ...]:
        """What the operator should know of the whole."""
        found, name = [], self.order.release.name
        subject = self.message.partition("\n")[0]
        if named_releases([subject]) != {name}:
            found.append("the message does not say `for {release}`, so the history will not know which release it is")
        if marker := skips_deployment(self.message):
            said = f"Coolify 4.1.0 and later deploy no push whose commits say {marker}, as this message does"
            found.append(f"{said}, and as a `git revert` repeats it; write [skip actions], which only GitHub heeds")
        return tuple(found)


def make_plan(ctx: Context, configuration: Configuration, pinned: Sequence[Pinned], order: Order) -> UpdatePlan:
    """Find the image of a release for each pin, and verify it.

    Args:
        ctx: For the doors.
        configuration: The settings of the checks that verify.
        pinned: What each pin is where the change goes.
        order: What is asked for.

    Raises:
        ConfigurationError: The pins have different messages.
        Refused: The release is older than the present one, was rolled back from, has no image or two, or a check fails.
        CouldNotLook: Git, the registry or a verifier cannot be asked.
    """
    if len({each.pin.message for each in pinned}) > 1:
        raise ConfigurationError(
            "the pins have different messages, and one commit has one",
            "Give them the same message: in the configuration.",
        )
    for each in pinned:
        _demand_newer(each, order, next(iter(find_releases([each.present.release])), None))
    tags = (order.source,) if order.source else order.own_tags
    sources = [find_source(ctx.doors.registry, each.image, tags, order.patience) for each in pinned]
    ctx = replace(ctx, deadline=Deadline.after(_SECONDS))
    plans = [judge(ctx, each, order, source) for each, source in zip(pinned, sources, strict=True)]
    return UpdatePlan(order, tuple(_verified(ctx, configuration, each) for each in plans))


def judge(ctx: Context, pinned: Pinned, order: Order, source: Source) -> PinPlan:
    """Return what becomes of one pin, or refuse it; nothing is verified.

    Args:
        ctx: For the doors.
        pinned: What the pin is where the change goes.
        order: What is asked for.
        source: The image.

    Raises:
        Refused: See ``make_plan``.
        CouldNotLook: Git or the registry cannot be asked.
    """
    target = look_at_target(ctx.doors.registry, pinned.image, order, source)
    value = _new_value(pinned.value, order, source)
    notes = _notes(order, source, target)
    if pinned.present.digest == source.digest:
        return PinPlan(pinned, source, target, value, notes=notes)
    present = release_of(ctx.doors.registry, pinned, ctx)
    _demand_newer(pinned, order, present)
    _demand_not_left(pinned, order, source, target)
    if pinned.value != pinned.seen:
        if present is None:
            raise _moved(pinned)
        notes = (*notes, f"{pinned.where} pins {shown(pinned.present)} by now, which this checkout does not know yet")
    return PinPlan(pinned, source, target, value, notes=notes)


def _moved(pinned: Pinned) -> PinMoved:
    return PinMoved(
        f"{pinned.where} pins {shown(pinned.present)}: somebody pinned another image meanwhile",
        "git pull, look at it (preflight pin history), and decide again.",
    )


def _demand_newer(pinned: Pinned, order: Order, present: Release | None) -> None:
    """Refuse to go back: that is a rollback, which leaves a trace as such."""
    if present is None or order.release.order >= present.order or order.allow_older:
        return
    older = f"release {order.release.name} is older than {present.name}, which is pinned"
    if pinned.value != pinned.seen:
        raise Refused(f"{older} in {pinned.where} by now; it stays", "git pull, and look: preflight pin history.")
    raise Refused(
        older, f"To go back: preflight pin rollback --to {order.release.name}; or say that you mean it: --allow-older."
    )


def _demand_not_left(pinned: Pinned, order: Order, source: Source, target: Target) -> None:
    """Refuse a release that was rolled back from, and one of which a history that is cut off does not tell."""
    if order.again:
        return
    name = order.release.name
    if source.digest in releases_left(pinned.changes):
        raise Refused(
            f"release {name} ({short_digest(source.digest)}) was rolled back from",
            "Pin a later release, or say that you mean it: --again.",
        )
    never_published = target.publish and not target.digest
    if pinned.is_cut and not never_published:
        raise CouldNotLook(
            f"the history here is cut off, so nothing tells whether release {name} was rolled back from",
            "git fetch --unshallow (actions/checkout: fetch-depth: 0), or say that it does not matter: --again.",
        )


def _notes(order: Order, source: Source, target: Target) -> tuple[str, ...]:
    if not order.source or (target.digest == source.digest):
        return ()
    if target.digest:
        was = short_digest(target.digest)
        return (f"the tag {target.tag} moves from {was} to {short_digest(source.digest)} (--move-tag)",)
    return () if order.retag else (f"the registry has no tag for release {order.release.name} yet",)


def _new_value(before: str, order: Order, source: Source) -> str:
    """Return the pin's value with another digest; a tag that names a release becomes that of the new one."""
    name = before.partition("@")[0]
    colon = name.find(":", name.rfind("/") + 1)
    if colon < 0:
        return f"{name}@{source.digest}"
    tag = name[colon + 1 :]
    if parse_release_tag(tag) is None:
        return f"{name[:colon]}@{source.digest}"
    return f"{name[:colon]}:{'v' if tag.startswith('v') else ''}{order.release.name}@{source.digest}"


def _verified(ctx: Context, configuration: Configuration, plan: PinPlan) -> PinPlan:
    """Let the checks judge the image, unless it is pinned already."""
    if plan.is_there:
        return plan
    return replace(plan, verified=demand_pinnable(ctx, configuration, plan.pinned.pin, plan.value))
