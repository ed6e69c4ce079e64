"""``preflight pin update``: pin the image of a release."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from preflight.cli.options import Duration, option
from preflight.cli.pin import shared_options
from preflight.cli.pin_target import change_options, change_pin, destination
from preflight.errors import ConfigurationError, CouldNotLook, ExitCode

if TYPE_CHECKING:
    from preflight.context import Context
    from preflight.pin.deliver import Delivered
    from preflight.pin.update.plan import UpdatePlan
    from preflight.project import Pin

_SECONDS = 60.0
"""For git, once the image is found."""


@click.command()
@click.argument("version")
@option("--source", default="", metavar="TAG", help="Take the image from this tag. [default: the release's own]")
@option(
    "--wait",
    type=Duration(),
    default=0.0,
    envvar="PREFLIGHT_PIN_WAIT",
    metavar="SECONDS",
    help="How long to wait until the registry has the tag, e.g. 90 or 10m.",
)
@change_options
@option("--allow-older", is_flag=True, help="VERSION may be older than the one that is pinned.")
@option("--again", is_flag=True, help="VERSION may be one that was rolled back from.")
@option("--github-output", is_flag=True, help="Write digest, release and commit to the file $GITHUB_OUTPUT.")
@shared_options
def update(version: str, **options: Any) -> int:
    """Pin the image that the registry has for VERSION, by the digest of the bytes it sends.

    Without --commit or --push only the pin file changes. The checks that judge an image look at it first: it pulls on
    this host's platform, and a demanded signature verifies. An older VERSION is refused, as is one that was rolled
    back from, and a line that somebody else changed meanwhile. Exit codes: 0 done, or nothing to do; 1 refused; 3 could
    not look or push.
    """
    if options["offline"]:
        raise click.UsageError("an update asks the registry: leave out --offline.")
    if options["github_output"] and not os.environ.get("GITHUB_OUTPUT"):
        raise click.UsageError("--github-output needs the variable GITHUB_OUTPUT, which GitHub Actions sets.")
    return change_pin(options, lambda ctx, pin: _update(ctx, pin, version, options))


def _update(ctx: "Context", pin: "Pin", version: str, options: dict[str, Any]) -> int:
    """Plan, write, and say what was done."""
    from preflight.lib.deadline import Deadline
    from preflight.lib.text import printable
    from preflight.pin.deliver import deliver, demand_deliverable
    from preflight.pin.update.plan import Order, make_plan
    from preflight.pin.update.source import Patience
    from preflight.releases.names import find_releases

    release = next(iter(find_releases([version])), None)
    if release is None:
        raise ConfigurationError(f"{printable(version, 60)} is no version", "Write it as in 1.4.1 or v1.4.1.")
    order = Order(
        release,
        options["source"],
        allow_older=options["allow_older"],
        again=options["again"],
        patience=Patience(options["wait"], lambda line: click.echo(f"preflight: {printable(line)}", err=True)),
    )
    plan = make_plan(ctx, options["configuration"], pin, order)
    ctx = replace(ctx, deadline=Deadline.after(_SECONDS))
    to = destination(options, plan.message)
    demand_deliverable(plan.change, to, ctx.environ, ctx.deadline)
    done = None if options["dry_run"] else deliver(plan.change, to, ctx.environ, ctx.deadline)
    click.echo(_text(ctx, pin, plan, done, options["format_"]))
    if options["github_output"]:
        _github_output({"digest": plan.digest, "release": plan.release, "commit": done.commit if done else ""})
    return ExitCode.OK


def _github_output(values: dict[str, str]) -> None:
    """Append values to the file that GitHub Actions reads the outputs of a step from."""
    path = Path(os.environ["GITHUB_OUTPUT"])
    try:
        with path.open("a", encoding="utf-8") as file:
            file.writelines(f"{name}={value}\n" for name, value in values.items())
    except OSError as error:
        raise CouldNotLook(
            f"$GITHUB_OUTPUT cannot be written: {(error.strerror or 'unknown reason').lower()}; the pin was updated",
            "Read the values from the output above.",
        ) from error


def _text(ctx: "Context", pin: "Pin", plan: "UpdatePlan", done: "Delivered | None", format_: str) -> str:
    from preflight.lib.reference import short_digest
    from preflight.pin.line import difference
    from preflight.pin.rollback.target import shown

    if format_ == "json":
        return json.dumps(_as_data(ctx, pin, plan, done), indent=2)
    if format_ == "line":
        state = "dry-run" if done is None else done.commit or ("changed" if done.changed else "unchanged")
        return f"{plan.release} {plan.digest} {state}"
    lines = [
        f"{pin.variable} for {pin.service} in {ctx.show(pin.file)}",
        f"pinned: {shown(plan.present)}",
        f"new:    {plan.release} ({short_digest(plan.digest)}), from the tag {plan.source}",
        *(f"verified: {each}" for each in plan.verified.passed),
        *(f"note: {each}" for each in (*plan.verified.notes, *plan.notes)),
    ]
    if done is None:
        before = pin.file.read_bytes()
        return "\n".join((*lines, *difference(before, plan.change.apply(before)), "nothing was written (--dry-run)"))
    if not done.changed:
        return "\n".join((*lines, f"nothing to do: {done.where} says so already"))
    what = f"changed: {done.where}; nothing is committed"
    if done.commit:
        what = f"committed in {done.where}: {done.commit} ({plan.message})"
    return "\n".join((*lines, *done.diff, what))


def _as_data(ctx: "Context", pin: "Pin", plan: "UpdatePlan", done: "Delivered | None") -> dict[str, Any]:
    return {
        "variable": pin.variable,
        "service": pin.service,
        "file": ctx.show(pin.file),
        "from": {"release": plan.present.release or None, "digest": plan.present.digest},
        "to": {"release": plan.release, "digest": plan.digest, "source": plan.source},
        "message": plan.message,
        "verified": list(plan.verified.passed),
        "notes": [*plan.verified.notes, *plan.notes],
        "changed": bool(done and done.changed),
        "where": done.where if done else None,
        "commit": (done.commit or None) if done else None,
        "diff": list(done.diff) if done else [],
    }
