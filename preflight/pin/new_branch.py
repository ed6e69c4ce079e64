"""A branch that a push makes: what it starts from, and where somebody asks for it to be merged."""

from collections.abc import Sequence
from dataclasses import replace

from preflight.context import Context
from preflight.git.new_branch import request_address, start_of
from preflight.pin.deliver import Destination, Push
from preflight.project import Pin


def started(ctx: Context, pins: Sequence[Pin], to: Destination) -> Destination:
    """Return the destination with the branch that it starts from, if it is a branch that is not there yet.

    Raises:
        CouldNotLook: The remote cannot be asked.
    """
    if not isinstance(to, Push):
        return to
    return replace(to, start=start_of(ctx.environ, pins[0].file.parent, to.remote, to.branch, ctx.deadline))


def where_to_ask(ctx: Context, to: Destination) -> str:
    """Return where to open a pull request for a new branch: a page, or what to merge; empty without one."""
    if not isinstance(to, Push) or not to.start:
        return ""
    address = ctx.doors.git.remote_url(ctx.deadline, to.remote) or ""
    what = f"merge {to.branch} into {to.start}"
    page = request_address(address, to.branch, to.start)
    return f"{what}: {page}" if page else what
