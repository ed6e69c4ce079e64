"""``preflight pin rollback``: go back to an earlier release."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from preflight.cli.options import option
from preflight.cli.pin import complain, insecure_registries, shared_options
from preflight.cli.pin_target import change_options, change_pin, destination
from preflight.cli.run import seconds
from preflight.errors import CouldNotLook, ExitCode

if TYPE_CHECKING:
    from preflight.context import Context
    from preflight.pin.deliver import Delivered
    from preflight.project import Pin
    from preflight.report import Report

_FETCH_S = 60.0


@click.command()
@option("--to", default="", metavar="VERSION|COMMIT", help="Go to this one. [default: the release pinned before]")
@change_options
@option(
    "--follow",
    type=click.FloatRange(min=0),
    callback=seconds,
    default=0.0,
    metavar="SECONDS",
    help="After --push: watch the rollout, as `run --stage after --wait` does, against the pushed commit.",
)
@shared_options
def rollback(**options: Any) -> int:
    """Take the pin back to the release pinned before, or to the one named with --to.

    Releases that were rolled back from are left out. Without --commit or --push only the pin file changes.
    It refuses a target that the registry no longer has, that is not for this host's platform, or whose demanded
    signature does not verify. Exit codes: 0 done, or nothing to do; 1 refused, or the followed rollout failed; 3 could
    not look or push.
    """
    if options["follow"] and (not options["push"] or options["dry_run"]):
        raise click.UsageError("--follow needs --push: nothing is rolled out without it.")
    return change_pin(options, lambda ctx, pin: _roll_back(ctx, pin, options))


def _roll_back(ctx: "Context", pin: "Pin", options: dict[str, Any]) -> int:
    """Choose, verify, write, and say what remains."""
    from preflight.cli.pin_rollback_text import RollbackResult, nothing_to_do, rollback_text
    from preflight.pin.deliver import deliver, demand_deliverable
    from preflight.pin.rollback.plan import Plan, make_plan
    from preflight.pin.rollback.remains import what_remains

    configuration = options["configuration"]
    plan = make_plan(ctx, configuration, pin, options["to"])
    if not isinstance(plan, Plan):
        click.echo(nothing_to_do(plan, options["format_"]))
        return ExitCode.OK
    to = destination(options, plan.message.text)
    demand_deliverable(plan.change, to, ctx.environ, ctx.deadline)
    remaining = what_remains(ctx, pin, plan.step, plan.changes, configuration.coolify.pin_in)
    done = None if options["dry_run"] else deliver(plan.change, to, ctx.environ, ctx.deadline)
    report, problem = None, None
    if options["follow"] and done is not None and done.commit:
        try:
            report = _follow(ctx, options, done)
        except CouldNotLook as error:  # what was pushed must be told all the same
            problem = error
    click.echo(rollback_text(ctx, RollbackResult(pin, plan, done, remaining, report), options["format_"]))
    if problem is not None:
        complain(problem)
        return ExitCode.COULD_NOT_LOOK
    return report.exit_code if report is not None else ExitCode.OK


def _follow(ctx: "Context", options: dict[str, Any], done: "Delivered") -> "Report":
    from preflight.cli.problem import host_name
    from preflight.lib.deadline import Deadline
    from preflight.pin.rollback.follow import Pushed, follow
    from preflight.run.session import Request

    configuration = options["configuration"]
    request = Request(
        configuration=configuration,
        cwd=ctx.cwd,
        environ=ctx.environ,
        host=host_name(),
        wait_s=options["follow"],
        registry_insecure=tuple(insecure_registries(options)),
    )
    pushed = Pushed(done.commit, options["branch"], options["remote"])
    return follow(replace(ctx, deadline=Deadline.after(_FETCH_S)), configuration, pushed, request)
