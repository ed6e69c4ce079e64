"""The pin in Coolify's UI, which containers get with ``coolify: {pin_in: ui}``: changed by Coolify's API."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from preflight.context import Context
from preflight.coolify.resource import Resource
from preflight.errors import CouldNotLook, DoesNotApply, PreflightError
from preflight.lib.deadline import Deadline
from preflight.lib.records import frozen
from preflight.lib.text import printable
from preflight.pin.refusal import Refused
from preflight.pin.rollback.target import value_of_change
from preflight.project import Pin
from preflight.releases.timeline import PinChange

if TYPE_CHECKING:
    from preflight.coolify.api.client import CoolifyApi, UiVariable

_TAKE_BACK_S = 20.0
_BY_HAND = "Set it by hand in Coolify (Environment Variables), and leave out --ui."


@frozen
class UiChange:
    """One variable in Coolify's UI, and the value that it gets.

    Args:
        api: Coolify's.
        resource: The application or service stack that has it.
        row: The variable as the UI has it now.
        value: What it gets.
    """

    api: "CoolifyApi"
    resource: Resource
    row: "UiVariable"
    value: str

    @property
    def is_needed(self) -> bool:
        """Whether the UI has another value, or one that the token may not see."""
        return self.row.value is None or self.row.value.strip() != self.value

    @property
    def where(self) -> str:
        """The resource, for people."""
        return f"{self.resource.kind.value} {printable(self.resource.uuid, 64)}"

    def apply(self, deadline: Deadline) -> None:
        """Set the value, and see that the UI has it then, where the token may see values.

        Raises:
            CouldNotLook: Coolify refuses, does not answer, or has another value afterwards.
        """
        self._set(self.value, deadline)
        rows = _rows(self.api.variables(self.resource.kind, self.resource.uuid, deadline), self.resource, self.row.key)
        if any(row.value is not None and row.value.strip() != self.value for row in rows) or len(rows) != 1:
            raise CouldNotLook(
                f"{self.row.key} in Coolify's UI is not what was just set there: somebody else changed it meanwhile",
                "Look at it in Coolify (Environment Variables), then run the same command again.",
            )

    def take_back(self) -> str:
        """Give the variable its old value again, and return what came of it, for people."""
        name = f"{self.row.key} in Coolify's UI"
        if self.row.value is None:
            return f"{name} keeps the new value, since the token does not show the old one"
        try:
            self._set(self.row.value, Deadline.after(_TAKE_BACK_S))
        except CouldNotLook as error:
            return f"{name} keeps the new value ({error.message})"
        return f"{name} has its old value again"

    def _set(self, value: str, deadline: Deadline) -> None:
        self.api.set_variable(self.resource.kind, self.resource.uuid, self.row, value, deadline)


def plan_ui(ctx: Context, pin: Pin, changes: Sequence[PinChange], value: str) -> UiChange:
    """Find the variable in Coolify's UI; nothing is written.

    Args:
        ctx: For the doors.
        pin: The pin.
        changes: The changes of the pin: one of their values must be in the UI, anything else was set there by somebody.
        value: What the variable is to get.

    Raises:
        Refused: The UI has no such variable or two, refers to a shared one, or has a value that no commit pinned.
        CouldNotLook: Coolify cannot be asked.
    """
    api = ctx.doors.coolify.api(ctx.deadline)
    if api is None:
        raise CouldNotLook(
            "--ui: there is no token for Coolify's API",
            "Set PREFLIGHT_COOLIFY_URL and PREFLIGHT_COOLIFY_TOKEN (permissions read, read:sensitive and write).",
        )
    try:
        coolify = ctx.doors.coolify
        resource = coolify.named(ctx.deadline) or coolify.resource(pin.service, ctx.deadline)
    except DoesNotApply as error:
        raise CouldNotLook(f"--ui: {error.message}", error.hint) from error
    rows = _rows(ctx.doors.coolify.variables(resource, ctx.deadline) or (), resource, pin.variable)
    if len(rows) != 1:
        how_many = "no variable" if not rows else f"{len(rows)} variables"
        hint = "Add it in Coolify (Environment Variables) once." if not rows else "Delete all but one in Coolify."
        raise Refused(f"Coolify's UI has {how_many} {pin.variable}", hint)
    [row] = rows
    if row.is_shared:
        raise Refused(f"{pin.variable} in Coolify's UI takes its value from a shared variable", _BY_HAND)
    pinned = {value, *(value_of_change(change, pin.variable) for change in changes)}
    if row.value is not None and row.value.strip() not in pinned:
        raise Refused(
            f"{pin.variable} in Coolify's UI has a value that no commit pinned: somebody set it there", _BY_HAND
        )
    return UiChange(api, resource, row, value)


@contextmanager
def changed_in_ui(change: UiChange | None, deadline: Deadline) -> Iterator[None]:
    """Change the UI before the block, since a push makes Coolify deploy with what the UI says at that moment.

    Where the block fails, the variable gets its old value again; the error says what came of that.

    Args:
        change: None, or one that is not needed, does nothing.
        deadline: When Coolify must have answered.

    Raises:
        CouldNotLook: The UI could not be changed; the block did not run.
    """
    if change is None or not change.is_needed:
        yield
        return
    change.apply(deadline)
    try:
        yield
    except PreflightError as error:
        error.message = f"{error.message}; {change.take_back()}"
        raise


def _rows(variables: Sequence["UiVariable"], resource: Resource, name: str) -> list["UiVariable"]:
    """Return the variables of that name that production gets."""
    return [row for row in variables if row.key == name and row.reaches(resource.kind)]
