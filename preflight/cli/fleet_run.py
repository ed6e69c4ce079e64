"""``preflight fleet run``: preflight on each host of an Ansible inventory."""

import sys
from collections.abc import Callable
from typing import Any

import click

from preflight.cli.debug import debug_option
from preflight.cli.fleet_output import FleetOutputs, fleet_options
from preflight.cli.options import Duration, option
from preflight.cli.progress import draw, is_seen
from preflight.cli.terminal import is_terminal

_OURS = {
    "format": "give it in front of `--`; hosts have to answer in JSON.",
    "on_change": "each host has to answer.",
    "output": "give it in front of `--`, and this machine has the file.",
    "quiet": "each host has to answer.",
}
"""Options of ``preflight run`` that would keep the report from us, and why they are refused."""


@click.command()
@option(
    "-i",
    "--inventory",
    multiple=True,
    metavar="INVENTORY",
    envvar="PREFLIGHT_FLEET_INVENTORY",
    help="Inventory, as for `ansible -i` (repeatable). [default: that of ansible.cfg]",
)
@option("--limit", default="", metavar="PATTERN", envvar="PREFLIGHT_FLEET_LIMIT", help="Ask only the hosts that match.")
@option(
    "--forks",
    type=click.IntRange(min=1),
    metavar="N",
    envvar="PREFLIGHT_FLEET_FORKS",
    help="Hosts to ask at once. [default: that of ansible.cfg]",
)
@option(
    "--timeout",
    type=Duration(shortest_s=1),
    default="90s",
    show_default=True,
    metavar="DURATION",
    envvar="PREFLIGHT_FLEET_TIMEOUT",
    help="Time for each host.",
)
@fleet_options
@debug_option
@click.argument("run_options", metavar="[-- RUN_OPTIONS]", nargs=-1, type=click.UNPROCESSED)
def run(run_options: tuple[str, ...], **options: Any) -> int:
    """Run preflight on each host through Ansible and make one table.

    RUN_OPTIONS are those of `preflight run`, e.g. `-- --stage after`. Inventory, variables, vault, become and
    connections are yours, as is ansible.cfg. On a host, the variable preflight_command says what to run (preflight)
    and preflight_chdir in which folder. Needs the extra `fleet`.
    """
    from preflight.errors import ConfigurationError, ExitCode, PreflightError
    from preflight.fleet.ansible import Order, ask
    from preflight.lib import interrupts

    if "" in options["inventory"]:
        raise click.UsageError("--inventory: the name is empty.")
    _refuse(run_options, options["timeout"])
    outputs = FleetOutputs.from_options(options)
    order = Order(options["inventory"], options["limit"], options["forks"], options["timeout"], run_options)
    tell = draw if is_seen(quiet=options["quiet"]) else _say_nothing
    try:
        hosts = ask(order, _type_in(), tell)
    except PreflightError as error:
        outputs.write_problem(error, ExitCode.USAGE)
        raise
    except interrupts.Interrupted as error:
        outputs.write_problem(ConfigurationError("preflight was interrupted before it asked a host"), error.exit_code)
        raise
    interrupted = interrupts.received()
    code = outputs.write(hosts, interrupted.exit_code if interrupted else None)
    if interrupted:
        raise interrupted
    return code


def _say_nothing(_line: str) -> None:
    """Show no progress: nobody sees it."""


def _refuse(words: tuple[str, ...], timeout_s: float) -> None:
    """Refuse options of ``preflight run`` that keep the report from us, and words that it does not have.

    Hundreds of hosts would refuse them, too, or tell nothing.
    """
    from preflight.cli.run import run as command

    try:
        given, rest, _ = command.make_parser(click.Context(command, help_option_names=[])).parse_args([*words])
    except click.UsageError as error:
        raise click.UsageError(f"RUN_OPTIONS: {error.format_message()}") from error
    if rest:
        raise click.UsageError(f"{rest[0]!r} is no option of `preflight run`; --limit names hosts, -i an inventory.")
    for name, why in _OURS.items():
        if name in given:
            raise click.UsageError(f"--{name.replace('_', '-')} cannot be among RUN_OPTIONS: {why}")
    if "wait" in given and Duration().convert(given["wait"], None, None) >= timeout_s:
        raise click.UsageError("RUN_OPTIONS: --wait takes all the time that a host has; give a longer --timeout.")
    if any(word.encode(errors="replace").decode() != word for word in words):
        raise click.UsageError("RUN_OPTIONS: they are not UTF-8.")


def _type_in() -> Callable[[str], str] | None:
    """Return what lets a person type a password; ``None`` where nobody sits at a terminal."""
    from getpass import getpass

    if not is_terminal(sys.stdin):
        return None
    return lambda question: getpass(f"{question}: ")
