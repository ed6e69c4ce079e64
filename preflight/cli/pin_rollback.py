"""``preflight pin rollback``: go back to an earlier release."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from preflight.cli.options import Duration, not_empty, option
from preflight.cli.pin import complain, insecure_registries, shared_options
from preflight.cli.pin_target import change_options, change_pin, destination
from preflight.errors import ConfigurationError, CouldNotLook, ExitCode

if TYPE_CHECKING:
    from preflight.context import Context
    from preflight.pin.deliver import Delivered
    from preflight.pin.rollback.target import Step
    from preflight.project import Pin
    from preflight.report import Report

_FETCH_S = 60.0


@click.command()
@option(
    "--to", callback=not_empty, metavar="VERSION|COMMIT", help="Go to this one. [default: the release pinned before]"
)
@change_options
@option(
    "--follow",
    type=Duration(),
    default=0.0,
    metavar="DURATION",
    help="After --push: watch the rollout, as `run --stage after --wait` does, against the pushed commit, e.g. 5m.",
)
@option(
    "--ui",
    is_flag=True,
    envvar="PREFLIGHT_PIN_UI",
    help="With `coolify: {pin_in: ui}`: change the variable in Coolify's UI too, by its API (permission write).",
)
@shared_options
def rollback(**options: Any) -> int:
    """Take the pin back to the release before, or to another one.

    --to names another one.
    Releases that were rolled back from are left out. Without --commit or --push only the pin file changes.
    It refuses a target that the registry no longer has, that is not for this host's platform, or whose demanded
    signature does not verify. Exit codes: 0 done, or nothing to do; 1 refused, or the followed rollout failed; 3 could
    not look or push.
    """
    if options["follow"] and (not options["push"] or options["dry_run"]):
        raise click.UsageError("--follow needs --push: nothing is rolled out without it.")
    if options["ui"] and options["offline"]:
        raise click.UsageError("--ui asks Coolify's API: leave out --offline.")
    if options["ui"] and options["configuration"].coolify.pin_in != "ui":
        raise ConfigurationError(
            "--ui needs a pin in Coolify's UI, but here containers get it from the file",
            "Leave out --ui; or, if they get it from the UI, write `coolify: {pin_in: ui}` into preflight.yaml.",
        )
    return change_pin(options, lambda ctx, pin: _roll_back(ctx, pin, options))


def _roll_back(ctx: "Context", pin: "Pin", options: dict[str, Any]) -> int:
    """Choose, verify, write, and say what remains."""
    from preflight.cli.pin_rollback_text import RollbackResult, rollback_text
    from preflight.pin.deliver import deliver, demand_deliverable
    from preflight.pin.new_branch import started, where_to_ask
    from preflight.pin.rollback.plan import Plan, make_plan
    from preflight.pin.rollback.remains import what_remains
    from preflight.pin.rollback.target import value_of_change
    from preflight.pin.rollback.ui import changed_in_ui, plan_ui

    configuration = options["configuration"]
    plan = make_plan(ctx, configuration, pin, options["to"])
    if not isinstance(plan, Plan):
        return _pinned_already(ctx, pin, plan, options)
    to = started(ctx, [pin], destination(options, plan.message.text))
    merge = where_to_ask(ctx, to)
    if merge:
        _demand_no_rollout(options)
    diff = demand_deliverable(plan.change, to, ctx.environ, ctx.deadline)
    value = value_of_change(plan.step.target, pin.variable)
    ui = plan_ui(ctx, pin, plan.changes, value) if options["ui"] else None
    remaining = what_remains(ctx, pin, plan.step, plan.changes, in_ui=configuration.coolify.pin_in == "ui" and not ui)
    done = None
    if not options["dry_run"]:
        with changed_in_ui(ui, ctx.deadline):
            done = deliver(plan.change, to, ctx.environ, ctx.deadline)
            diff = done.diff
    report, problem = None, None
    if options["follow"] and done is not None and done.commit:
        try:
            report = _follow(ctx, options, done)
        except CouldNotLook as error:  # what was pushed must be told all the same
            problem = error
    merge = merge if done is None or done.commit else ""  # where the branch that it starts from says so already
    result = RollbackResult(pin, plan, done, diff, remaining, report, ui, merge)
    click.echo(rollback_text(ctx, result, options["format_"]))
    if problem is not None:
        complain(problem)
        return ExitCode.COULD_NOT_LOOK
    return report.exit_code if report is not None else ExitCode.OK


def _demand_no_rollout(options: dict[str, Any]) -> None:
    """Refuse what only makes sense once a new branch is merged.

    Raises:
        Refused: It is asked for.
    """
    from preflight.pin.refusal import Refused

    for name, why in (("--follow", "nothing is rolled out"), ("--ui", "Coolify deploys the old pin")):
        if options[name.lstrip("-")]:
            raise Refused(
                f"the branch {options['branch']} is new, and {why} before somebody merges it",
                f"Leave out {name}, or name the branch that is deployed: --branch.",
            )


def _pinned_already(ctx: "Context", pin: "Pin", step: "Step", options: dict[str, Any]) -> int:
    """Leave the file; with --ui, the UI may still have another value, e.g. after a run that was killed."""
    from preflight.cli.pin_rollback_text import nothing_to_do
    from preflight.pin.rollback.plan import read_changes
    from preflight.pin.rollback.target import value_of_change
    from preflight.pin.rollback.ui import changed_in_ui, plan_ui

    ui = None
    if options["ui"]:
        ui = plan_ui(ctx, pin, read_changes(ctx, pin), value_of_change(step.present, pin.variable))
        with changed_in_ui(None if options["dry_run"] else ui, ctx.deadline):
            pass
    click.echo(nothing_to_do(step, ui, options["format_"], dry_run=options["dry_run"]))
    return ExitCode.OK


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
