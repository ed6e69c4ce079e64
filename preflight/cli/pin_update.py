"""``preflight pin update``: pin the image of a release."""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from preflight.cli.options import Duration, not_empty, option
from preflight.cli.pin import shared_options
from preflight.cli.pin_target import change_options, change_pins, destination
from preflight.errors import ConfigurationError, CouldNotLook, ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from preflight.context import Context
    from preflight.pin.update.order import Order
    from preflight.pin.update.plan import UpdatePlan
    from preflight.project import Pin

_SECONDS = 60.0
"""Seconds that git and the registry have, once the image is found and verified."""


@click.command()
@click.argument("version")
@option(
    "--source", callback=not_empty, metavar="TAG", help="Take the image from this tag. [default: the release's own]"
)
@option(
    "--wait",
    type=Duration(),
    default=0.0,
    envvar="PREFLIGHT_PIN_WAIT",
    metavar="DURATION",
    help="How long to wait until the registry has the tag, e.g. 90 or 10m.",
)
@option(
    "--smoke",
    callback=not_empty,
    metavar="CMD",
    help="First try the image in a container of its own, with these arguments of its entrypoint.",
)
@option("--retag", is_flag=True, help="With --source: put the image under the release's own tag, byte for byte.")
@option("--move-tag", is_flag=True, help="With --retag: move the release's own tag from another image.")
@change_options
@option("--allow-older", is_flag=True, help="Accept a VERSION that is older than the pinned one.")
@option("--again", is_flag=True, help="Accept a VERSION that was rolled back from.")
@option("--github-output", is_flag=True, help="Write digest, release and commit to the file $GITHUB_OUTPUT.")
@shared_options
def update(version: str, **options: Any) -> int:
    """Pin the image that the registry has for VERSION.

    The digest is that of the bytes that the registry sends.
    Without --commit or --push only the pin file changes. The checks that judge an image look at it first: it pulls on
    this host's platform, and a demanded signature verifies. An older VERSION is refused, as is one that was rolled
    back from, and a line that somebody else changed meanwhile. Exit codes: 0 done, or nothing to do; 1 refused; 3 could
    not look or push.
    """
    _demand_sense(options)
    options["smoke"] = _words(options["smoke"])
    order = _order(version, options)
    return change_pins(options, lambda ctx, pins: _update(ctx, pins, order, options))


def _demand_sense(options: dict[str, Any]) -> None:
    """Refuse options that contradict each other."""
    if options["offline"]:
        raise click.UsageError("an update asks the registry: leave out --offline.")
    if options["github_output"] and not os.environ.get("GITHUB_OUTPUT"):
        raise click.UsageError("--github-output needs the variable GITHUB_OUTPUT, which GitHub Actions sets.")
    if options["retag"] and not options["source"]:
        raise click.UsageError("--retag needs --source: the tag whose image gets the release's own tag.")
    if options["move_tag"] and not options["retag"]:
        raise click.UsageError("--move-tag needs --retag.")


def _words(command: str) -> tuple[str, ...]:
    """Split a command as a shell does, which then does not run it."""
    import shlex

    try:
        words = tuple(shlex.split(command))
    except ValueError as error:
        raise click.UsageError(f"--smoke cannot be split into words: {str(error).lower()}.") from error
    return words


def _order(version: str, options: dict[str, Any]) -> "Order":
    """Return what is asked for.

    Raises:
        ConfigurationError: Version or source are none.
    """
    from preflight.lib.reference import is_tag
    from preflight.lib.text import printable
    from preflight.pin.update.order import Order
    from preflight.pin.update.source import Patience
    from preflight.releases.names import find_releases

    release = next(iter(find_releases([version])), None)
    if release is None:
        raise ConfigurationError(f"{printable(version, 60)} is no version", "Write it as in 1.4.1 or v1.4.1.")
    source = options["source"]
    if source and not is_tag(source):
        raise ConfigurationError(
            f"--source {printable(source, 60)} is no tag", "Give the tag alone, without the image's name and ':'."
        )
    return Order(
        release,
        source,
        retag=options["retag"],
        move_tag=options["move_tag"],
        allow_older=options["allow_older"],
        again=options["again"],
        patience=Patience(options["wait"], lambda line: click.echo(f"preflight: {printable(line)}", err=True)),
    )


def _update(ctx: "Context", pins: "Sequence[Pin]", order: "Order", options: dict[str, Any]) -> int:
    """Plan, publish, write, and say what was done."""
    from preflight.cli.pin_update_text import as_json, dry_lines, one_line, outcome_lines, plan_lines
    from preflight.lib.deadline import Deadline
    from preflight.pin.deliver import WorkTree
    from preflight.pin.new_branch import started, where_to_ask
    from preflight.pin.update.carry_out import carry_out, demand_possible, find_pinned
    from preflight.pin.update.plan import make_plan

    say = _say if options["format_"] == "table" else _say_nothing
    if options["github_output"]:
        _append_outputs(
            (), "Run this in a step of a GitHub workflow, which sets the variable, or leave out --github-output."
        )
    to = started(ctx, pins, destination(options, ""))
    pinned = find_pinned(ctx, pins, to)
    if order.patience.seconds:
        _demand_clean(ctx, pins)
    plan = make_plan(ctx, options["configuration"], pinned, order)
    to = replace(to, message=plan.message) if not isinstance(to, WorkTree) else to
    ctx = replace(ctx, deadline=Deadline.after(_SECONDS))
    say(*plan_lines(ctx, plan))
    outcome, diff = None, tuple[str, ...]()
    if options["dry_run"] or options["smoke"] or plan.publishes:  # otherwise the write comes next, and refuses the same
        plan, diff = demand_possible(ctx, plan, to)
    merge = "" if plan.is_written else where_to_ask(ctx, to)
    if options["smoke"] and not options["dry_run"]:
        say(*_smoke(ctx, plan, options["smoke"]))
        ctx = replace(ctx, deadline=Deadline.after(_SECONDS))
    if options["dry_run"]:
        say(*dry_lines(plan, options["smoke"], merge, diff))
    else:
        outcome = carry_out(ctx, plan, to, say)
        plan, diff = outcome.plan, outcome.delivered.diff
        say(*outcome_lines(outcome, plan.message, merge))
    if options["format_"] == "json":
        click.echo(as_json(ctx, plan, outcome, merge, diff))
    elif options["format_"] == "line":
        click.echo(one_line(plan, outcome))
    if options["github_output"]:
        _github_output(plan, outcome.delivered.commit if outcome else "")
    return ExitCode.OK


def _demand_clean(ctx: "Context", pins: "Sequence[Pin]") -> None:
    """Refuse a changed pin file before the wait; afterwards it is looked at again."""
    from preflight.pin.deliver import demand_no_other_changes

    files = {pin.file: [each.variable for each in pins if each.file == pin.file] for pin in pins}
    demand_no_other_changes(files, ctx.environ, ctx.deadline)


def _say(*lines: str) -> None:
    for line in lines:
        click.echo(line)


def _say_nothing(*_lines: str) -> None:
    """For a program, which gets the whole at the end."""


def _smoke(ctx: "Context", plan: "UpdatePlan", argv: tuple[str, ...]) -> list[str]:
    """Run the smoke test, with a line on the terminal meanwhile; return what is to be said of it."""
    from preflight.cli.sentinel_options import Talk
    from preflight.pin.update.smoke import smoke

    lines: list[str] = []
    talk = Talk()
    talk.progress("running the smoke test")
    try:
        smoke(ctx, plan, argv, lines.append)
    finally:
        talk.progress("")
    return lines


def _github_output(plan: "UpdatePlan", commit: str) -> None:
    """Hand digest, release and commit to the next step of a GitHub workflow."""
    digests = ",".join(dict.fromkeys(each.source.digest for each in plan.pins))
    values = {"digest": digests, "release": plan.order.release.name, "commit": commit}
    lines = [f"{name}={value}\n" for name, value in values.items()]
    _append_outputs(lines, "The update itself is done: read the values from the output above.")


def _append_outputs(lines: "Sequence[str]", hint: str) -> None:
    """Append to the file that GitHub Actions reads the outputs of a step from.

    Args:
        lines: None at all tells whether it could be done.
        hint: The hint of the error.

    Raises:
        CouldNotLook: The file cannot be written.
    """
    try:
        with Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as file:
            file.writelines(lines)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise CouldNotLook(f"$GITHUB_OUTPUT cannot be written: {reason}", hint) from error
