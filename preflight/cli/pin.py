"""``preflight pin``: which image is pinned, and what its history says."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from preflight.cli.formats import list_format_option
from preflight.cli.group import LazyGroup
from preflight.cli.options import config_option, option
from preflight.errors import ConfigurationError, CouldNotLook, ExitCode, PreflightError

if TYPE_CHECKING:
    from preflight.context import Context
    from preflight.pin.history import HistoryRow, PinHistory

_SECONDS = 60.0
_SHORT = 9
_NO_CHANGE = "no commit here changed the pin"


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    commands_at={
        "update": "preflight.cli.pin_update:update",
        "rollback": "preflight.cli.pin_rollback:rollback",
    },
)
@click.pass_context
def pin(ctx: click.Context) -> int:
    """Show, update or roll back the pinned image."""
    if ctx.invoked_subcommand is not None:
        return ExitCode.OK
    return int(show.main([], prog_name="preflight pin show", standalone_mode=False))


def shared_options(command: Any) -> Any:
    """Add the options that the commands share."""
    for add in (
        list_format_option("format_"),
        option("--offline", is_flag=True, help="Ask no registry."),
        option(
            "--variable",
            multiple=True,
            metavar="[FILE:]NAME",
            help="Only this pin (repeatable); with FILE where several have the name. [default: all]",
        ),
        option("--registry-insecure", multiple=True, metavar="HOST", help="Registry that may be asked in plain HTTP."),
        config_option,
    ):
        command = add(command)
    return command


@pin.command()
@shared_options
def show(**options: Any) -> int:
    """Show each pin: its image, release and commit, and where it is.

    Also its variable, service and file.
    """
    return _print(options, limit=1, demand_present=True)


@pin.command()
@option(
    "-n",
    "--number",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    metavar="N",
    help="Show at most so many rows.",
)
@shared_options
def history(number: int, **options: Any) -> int:
    """Show what each commit pinned, the newest first.

    For each: the release, the digest, and what the registry and this host have of it today.
    """
    return _print(options, limit=number)


def _print(options: dict[str, Any], limit: int, *, demand_present: bool = False) -> int:
    """Print the newest changes of each pin; return 3 where something could not be asked."""
    from preflight.cli.pin_choice import chosen_pins
    from preflight.pin.history import read_history

    ctx = find_pins(options)
    found = []
    for each in chosen_pins(ctx, options["variable"]):
        try:
            found.append(read_history(ctx, each, limit))
        except CouldNotLook as error:
            complain(error)
            return ExitCode.COULD_NOT_LOOK
    click.echo(_text(ctx, found, options["format_"]))
    problems = {problem.message: problem for each in found for problem in each.problems}
    if demand_present:
        problems |= {each.present.message: each.present for each in found if isinstance(each.present, CouldNotLook)}
    for problem in problems.values():
        complain(problem)
    return ExitCode.COULD_NOT_LOOK if problems else ExitCode.OK


def find_pins(options: dict[str, Any]) -> "Context":
    """Find the pins, and open the doors.

    Args:
        options: The options of the command, with those that are shared.

    Raises:
        ConfigurationError: There is no pin.
    """
    from preflight.context import Context, Options
    from preflight.lib.deadline import Deadline
    from preflight.model import Need
    from preflight.run.scene import set_scene

    deadline = Deadline.after(_SECONDS)
    configuration = options["configuration"]
    needs = frozenset({Need.PIN, Need.GIT})
    insecure, offline = insecure_registries(options), options["offline"]
    scene = set_scene(configuration, os.environ, needs, deadline, registry_insecure=insecure, offline=offline)
    if not scene.pins:
        what = scene.findings[0] if scene.findings else None
        raise ConfigurationError(what.message if what else "no pin was found", what.hint if what else "")
    return Context(
        pins=scene.pins,
        project=scene.project,
        doors=scene.doors,
        deadline=deadline,
        environ=os.environ,
        options=Options(offline=options["offline"], trust_root=configuration.trust_root),
        cwd=Path.cwd(),
    )


def insecure_registries(options: dict[str, Any]) -> frozenset[str]:
    """Return the registries that may be asked in plain HTTP, by the command line or the configuration."""
    configured = options["configuration"].options.get("registry_insecure", ())
    return frozenset({*options["registry_insecure"], *configured})


def complain(error: PreflightError) -> None:
    """Say on standard error what is wrong, and what to do."""
    from preflight.lib.text import printable

    click.echo(f"preflight: {printable(error.message, 600)}. {printable(error.hint, 600)}", err=True)


def _text(ctx: "Context", found: "list[PinHistory]", format_: str) -> str:
    match format_:
        case "json":
            return json.dumps({"pins": [_as_data(ctx, each) for each in found]}, indent=2)
        case "line":
            return "\n".join(line for each in found for line in _lines(each))
        case _:
            return "\n\n".join(_table(each) for each in found)


def _table(found: "PinHistory") -> str:
    from preflight.cli.terminal import width

    head = "\n".join(filter(None, (_head(found), _present(found))))
    if not found.rows:
        return "\n".join(filter(None, (head, _NO_CHANGE, found.ends)))
    table = _fitting([_cells(row) for row in found.rows], width())
    return "\n".join(filter(None, (head, table, found.ends)))


def _lines(found: "PinHistory") -> list[str]:
    head = _head(found)
    return [" ".join(filter(None, (head, *_cells(row)))) for row in found.rows] or [f"{head} {_NO_CHANGE}"]


def _fitting(rows: list[tuple[str, ...]], width: int) -> str:
    """Return the table; where the terminal is too narrow, what is known today is text that wraps after the digest."""
    from preflight.run.reporters.columns import columns

    heads = ("DATE", "COMMIT", "RELEASE", "DIGEST", "REGISTRY", "TAG", "HOST", "RUNNING")
    table = columns(heads, rows, width, flexible=(7,))
    if max(map(len, table.splitlines())) <= width:
        return table
    told = [
        (
            *row[:3],
            ", ".join((row[3], *(f"{head.lower()}: {cell}" for head, cell in zip(heads[4:], row[4:], strict=True)))),
        )
        for row in rows
    ]
    return columns((*heads[:3], "DIGEST, AND TODAY"), told, width, flexible=(3,))


def _head(found: "PinHistory") -> str:
    """Return which pin it is, with file and line."""
    return f"{found.pin.variable} for {found.pin.service} in {found.present.at}"


def _reference(found: "PinHistory") -> str:
    """Return the reference that the file has now; empty where that cannot be told, or may be something else."""
    from preflight.lib.reference import is_plain_reference

    if isinstance(found.present, CouldNotLook) or not is_plain_reference(found.present.text):
        return ""
    return found.present.text


def _is_committed(found: "PinHistory") -> bool | None:
    """Whether the newest commit pinned what the file has now; None where a history that is cut off does not tell."""
    if not found.rows and found.ends:
        return None
    image = found.rows[0].change.image if found.rows else None
    return image is not None and bool(image.digest) and _reference(found).endswith(f"@{image.digest}")


def _present(found: "PinHistory") -> str:
    from preflight.lib.text import printable

    reference = printable(_reference(found), 300)
    return f"{reference} (not committed)" if reference and _is_committed(found) is False else reference


def _cells(row: "HistoryRow") -> tuple[str, ...]:
    from preflight.lib.reference import short_digest

    change = row.change
    release = f"back to {change.release or 'an earlier pin'}" if change.returns_to else change.release or "-"
    return (
        f"{change.commit.when:%Y-%m-%d}",
        change.commit.hash[:_SHORT],
        release,
        short_digest(change.digest) if change.digest else "no digest",
        row.registry.value,
        row.tag.value,
        {True: "yes", False: "no", None: "not asked"}[row.on_host],
        ", ".join(row.running) or "-",
    )


def _as_data(ctx: "Context", found: "PinHistory") -> dict[str, Any]:
    return {
        "variable": found.pin.variable,
        "service": found.pin.service,
        "file": ctx.show(found.pin.file),
        "line": found.present.at.line,
        "reference": _reference(found) or None,
        "committed": _is_committed(found),
        "history_ends": found.ends or None,
        "changes": [
            {
                "date": row.change.commit.when.isoformat(),
                "commit": row.change.commit.hash,
                "subject": row.change.commit.subject,
                "image": row.change.image.name if row.change.image else None,
                "digest": row.change.digest or None,
                "release": row.change.release or None,
                "returns_to": row.change.returns_to.hash if row.change.returns_to else None,
                "registry": row.registry.value,
                "tag": row.tag.value,
                "on_host": row.on_host,
                "running": list(row.running),
            }
            for row in found.rows
        ],
    }
