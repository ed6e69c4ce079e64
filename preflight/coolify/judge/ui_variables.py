"""What the variables in Coolify's UI do to one pin, now and with the next deployment. The check gives it words."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from preflight.compose.read.entries import EnvironmentEntry
from preflight.context import Context
from preflight.coolify.host.deployed import Deployed, NeverDeployed
from preflight.coolify.host.mode import Mode
from preflight.coolify.judge.location import ComposeLocation, find_location
from preflight.coolify.judge.parser_rules import fate_of
from preflight.coolify.judge.ui_evidence import Evidence, Known, gather
from preflight.coolify.judge.ui_reach import Reach, UiEffect, is_coolifys_own, reach_by_fate, reach_of_deployed
from preflight.coolify.judge.ui_rows import RowHolder, find_row_holders
from preflight.coolify.resource import Resource, Situation
from preflight.envfile.template import mentioned
from preflight.errors import CouldNotLook, DoesNotApply
from preflight.lib.records import frozen
from preflight.pins.value import read_pin_value
from preflight.project import Pin

IN_UI = "ui"


class UiWhen(StrEnum):
    """Since when, or until when, a variable has its effect."""

    NOW = "now"
    COMING = "with-the-next-deployment"
    LEAVING = "until-the-next-deployment"


class UiPinState(StrEnum):
    """What the UI says of a pin that is kept there."""

    EQUAL = "equal"
    ABSENT = "absent"
    BLANK = "blank"
    OTHER = "other"
    UNRESOLVED = "unresolved"
    HIDDEN = "hidden"
    BROKEN = "malformed"
    OVERRIDDEN = "overridden-by-environment"
    NOT_REACHING = "reaches-no-container"


@frozen
class UiShadow:
    """One variable of the UI that gets at the pin.

    Args:
        name: The variable.
        effect: What it does.
        when: Since when, or until when.
        known: What is known of it; None for one that Coolify sets by itself and nowhere shows.
        is_own: Coolify sets it by itself.
        entry: What ``environment:`` says of the pin's variable: for such an entry Coolify makes a blank row.
        holders: The lines of the compose file that keep its row in the UI.
    """

    name: str
    effect: UiEffect
    when: UiWhen
    known: Known | None
    is_own: bool = False
    entry: EnvironmentEntry | None = None
    holders: tuple[RowHolder, ...] = ()

    @property
    def made_by_coolify(self) -> bool:
        """Whether it is a blank row that Coolify made, as ``environment:`` interpolates it (P 1023-1036)."""
        blank = self.known is not None and self.known.is_blank
        return blank and self.entry is not None and self.name in mentioned(self.entry.value or "")


@frozen
class UiLook:
    """What was found about one pin.

    Args:
        pin: The pin.
        resource: Whose UI.
        mode: How it is deployed.
        evidence: What is known of the UI.
        reach: How the UI gets at the pin, as deployed last, or as it will be where it never was.
        location: The location of the checkout's compose file, for Coolify's settings.
        shadows: With ``pin_in: file``: what gets at the pin.
        is_equal: The UI's value is the pin's, as far as it is known.
        last, coming: With ``pin_in: ui``: what the last deployment had and the next will have; None: not known.
    """

    pin: Pin
    resource: Resource
    mode: Mode
    evidence: Evidence
    reach: Reach
    location: ComposeLocation | None = None
    shadows: tuple[UiShadow, ...] = ()
    is_equal: bool = False
    last: UiPinState | None = None
    coming: UiPinState | None = None

    @property
    def situation(self) -> Situation:
        """How it was deployed last."""
        return self.mode.situation

    @property
    def is_set(self) -> bool:
        """Whether the variable stands in the UI at all."""
        return any(self.pin.variable in names for names in (self.evidence.last, self.evidence.ui) if names)


def look_at_ui(ctx: Context, pin: Pin) -> UiLook:
    """Find out what the UI does to a pin.

    Raises:
        DoesNotApply: There is no Coolify here, or it has deployed nothing yet and its API is not asked.
        CouldNotLook: What matters cannot be seen.
    """
    coolify = ctx.doors.coolify
    resource = coolify.resource(pin.service, ctx.deadline)
    deployed = _deployed(ctx, resource)
    mode = coolify.mode(resource, ctx.deadline)
    search = _UiSearch(ctx, pin, resource, mode, deployed)
    return search.pin_in_ui() if coolify.settings.pin_in == IN_UI else search.pin_in_file()


def token_caution(ctx: Context) -> str:
    """Return what the operator should know of the file with the API token, "" if nothing."""
    try:
        api = ctx.doors.coolify.api(ctx.deadline)
    except CouldNotLook:
        return ""  # told where it matters
    return "" if api is None else api.address.caution


def _deployed(ctx: Context, resource: Resource) -> Deployed | NeverDeployed:
    """Return what was deployed.

    Raises:
        DoesNotApply: Nothing, and nobody can be asked what will be.
        CouldNotLook: It cannot be read.
    """
    coolify = ctx.doors.coolify
    try:
        return coolify.deployed(resource, ctx.deadline)
    except NeverDeployed as never:
        if coolify.api(ctx.deadline) is None:
            raise DoesNotApply(never.message, never.hint) from never
        return never


class _UiSearch:
    """Looks at one pin."""

    def __init__(
        self, ctx: Context, pin: Pin, resource: Resource, mode: Mode, deployed: Deployed | NeverDeployed
    ) -> None:
        self._ctx, self._pin, self._resource, self._mode, self._deployed = ctx, pin, resource, mode, deployed
        self._now = None if isinstance(deployed, NeverDeployed) else reach_of_deployed(deployed, pin)
        self._next = self._now if self._now is not None and mode.next is None else self._by_fate()
        feeds = self._now is not None and self._now.effects.get(pin.variable) in {
            UiEffect.ONLY_SOURCE,
            UiEffect.OVERRIDES,
        }
        self._evidence = gather(ctx, resource, deployed, feeds=feeds)

    def _by_fate(self) -> Reach:
        fate = fate_of(self._mode.coming, self._resource.version)
        return reach_by_fate(fate, self._ctx.doors.compose.source(self._ctx.deadline), self._pin)

    def _look(self) -> UiLook:
        reach, location = self._now or self._next, find_location(self._ctx)
        return UiLook(self._pin, self._resource, self._mode, self._evidence, reach, location)

    def pin_in_file(self) -> UiLook:
        """The UI should not get at the pin at all.

        Raises:
            CouldNotLook: Something could, and nothing is known of the UI.
        """
        now, coming = (self._now.effects if self._now else {}), self._next.effects
        if (now or coming) and self._evidence.missing is not None:
            raise self._evidence.missing
        names = dict.fromkeys((*now, *coming))
        shadows = tuple(found for name in names if (found := self._shadow(name, now.get(name), coming.get(name))))
        return replace(self._look(), shadows=shadows, is_equal=bool(shadows) and self._is_equal())

    def _shadow(self, name: str, now: UiEffect | None, coming: UiEffect | None) -> UiShadow | None:
        last, ui = self._evidence.last, self._evidence.ui
        in_last, in_ui = (last or {}).get(name), (ui or {}).get(name)
        own = is_coolifys_own(name, self._resource.kind)
        is_now = now is not None and (own or in_last is not None or (last is None and in_ui is not None))
        is_next = coming is not None and (own or in_ui is not None or (ui is None and in_last is not None))
        effect = now if is_now else coming if is_next else None
        if effect is None:
            return None
        when = UiWhen.COMING if not is_now else UiWhen.NOW if is_next else UiWhen.LEAVING
        known = in_last or in_ui
        if known is not None and effect is UiEffect.INTERPOLATED:
            known = known.interpolated
        entry = (self._now or self._next).entry
        return UiShadow(name, effect, when, known, own, entry, self._holders(name))

    def _holders(self, name: str) -> tuple[RowHolder, ...]:
        try:
            return find_row_holders(self._ctx.doors.compose.source(self._ctx.deadline), name)
        except CouldNotLook:  # other checks tell of that; what was deployed is much the same
            return () if isinstance(self._deployed, NeverDeployed) else find_row_holders(self._deployed.source, name)

    def _is_equal(self) -> bool:
        known = (self._evidence.last or self._evidence.ui or {}).get(self._pin.variable)
        try:
            return known is not None and known.value == read_pin_value(self._pin, self._ctx.show).text
        except CouldNotLook:
            return False

    def pin_in_ui(self) -> UiLook:
        """The UI must say what the pin file says.

        Raises:
            CouldNotLook: Nothing is known of the UI, or the file gives nothing to compare with.
        """
        expected = read_pin_value(self._pin, self._ctx.show).text
        if self._evidence.missing is not None:
            raise self._evidence.missing
        last = None if self._now is None else self._state(self._now, self._evidence.last, expected)
        coming = self._state(replace(self._next, entry=self._coming_entry()), self._evidence.ui, expected)
        return replace(self._look(), last=last, coming=coming)

    def _coming_entry(self) -> EnvironmentEntry | None:
        """Return what ``environment:`` will say: default mode writes the UI's value of today into it (P 1317-1324)."""
        if self._next is not self._now or not self._next.drops_file:
            return self._next.entry
        try:
            source = self._ctx.doors.compose.source(self._ctx.deadline)
        except CouldNotLook:
            return self._next.entry
        written = source.environment_entries(self._pin.service, self._pin.variable)
        return written[-1] if written else None

    def _state(self, reach: Reach, told: Mapping[str, Known] | None, expected: str) -> UiPinState | None:
        """Return what a deployment gives the container, None where nothing tells."""
        if told is None:
            return None
        name = self._pin.variable
        if self._evidence.from_container and told is self._evidence.last:
            return _compared(told.get(name), expected)
        if name not in reach.effects and UiEffect.INTERPOLATED not in reach.effects.values():
            return UiPinState.NOT_REACHING if reach.entry is None else _written_out(reach, expected)
        known = told.get(name)
        if reach.entry is None:
            return _compared(known, expected)
        if not reach.entry.has_value or reach.entry.value in {f"${{{name}}}", f"${name}"}:
            return _compared(known.interpolated if known else None, expected)
        return self._interpolated(reach, told, expected)

    def _interpolated(self, reach: Reach, told: Mapping[str, Known], expected: str) -> UiPinState:
        """Judge an ``environment:`` entry that is more than the variable itself."""
        from preflight.envfile.template import TemplateProblem, expand

        text = (reach.entry.value if reach.entry is not None else None) or ""
        taken = {name: told[name].interpolated for name in mentioned(text) if name in told}
        if any(each.is_broken for each in taken.values()):
            return UiPinState.BROKEN
        if any(each.value is None for each in taken.values()):
            return UiPinState.HIDDEN
        try:
            value = expand(text, lambda name: taken[name].value if name in taken else None)
        except TemplateProblem:
            return UiPinState.OVERRIDDEN
        return UiPinState.EQUAL if value == expected else UiPinState.OVERRIDDEN


def _written_out(reach: Reach, expected: str) -> UiPinState:
    """Judge an ``environment:`` entry that is written out: Coolify puts the UI's value there for ``- X`` (P 1317)."""
    return UiPinState.EQUAL if reach.entry is not None and reach.entry.value == expected else UiPinState.OVERRIDDEN


def _compared(known: Known | None, expected: str) -> UiPinState:
    if known is None:
        return UiPinState.ABSENT
    if known.is_broken:
        return UiPinState.BROKEN
    if known.value is None:
        return UiPinState.HIDDEN
    if known.is_blank:
        return UiPinState.BLANK
    if known.unresolved:
        return UiPinState.UNRESOLVED
    return UiPinState.EQUAL if known.value == expected else UiPinState.OTHER
