"""``preflight fleet run``: preflight on each host of an Ansible inventory."""

import sys
from collections.abc import Callable
from typing import Any

import click

from preflight.cli.debug import debug_option
from preflight.cli.fleet_output import fleet_options, show
from preflight.cli.options import Duration, option
from preflight.cli.terminal import is_terminal

_OURS = ("-q", "--quiet", "--format", "--on-change")


@click.command()
@option(
    "-i",
    "--inventory",
    multiple=True,
    metavar="INVENTORY",
    envvar="PREFLIGHT_FLEET_INVENTORY",
    help="As of ansible -i (repeatable). [default: that of ansible.cfg]",
)
@option("--limit", default="", metavar="PATTERN", envvar="PREFLIGHT_FLEET_LIMIT", help="Only these hosts.")
@option(
    "--forks",
    type=click.IntRange(min=1),
    metavar="N",
    envvar="PREFLIGHT_FLEET_FORKS",
    help="Hosts at once. [default: that of ansible.cfg]",
)
@option(
    "--timeout",
    type=Duration(),
    default="90s",
    show_default=True,
    metavar="DURATION",
    envvar="PREFLIGHT_FLEET_TIMEOUT",
    help="For each host.",
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
    from preflight.fleet.ansible import Order, ask
    from preflight.lib import interrupts

    for word in run_options:
        if word.split("=", maxsplit=1)[0] in _OURS:
            raise click.UsageError(f"{word} cannot be among RUN_OPTIONS: the whole report is needed, as JSON.")
    if options["timeout"] < 1:
        raise click.UsageError("--timeout: a host needs a second at least.")
    order = Order(options["inventory"], options["limit"], options["forks"], options["timeout"], run_options)
    hosts = ask(order, _type_in())
    interrupted = interrupts.received()
    code = show(hosts, options, interrupted.exit_code if interrupted else None)
    if interrupted:
        raise interrupted
    return code


def _type_in() -> Callable[[str], str] | None:
    """Return what lets a person type a password; ``None`` where nobody sits at a terminal."""
    from getpass import getpass

    if not is_terminal(sys.stdin):
        return None
    return lambda question: getpass(f"{question}: ")
