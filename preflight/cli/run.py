"""``preflight run``: the main job."""

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from preflight.cli.completion import complete_check, complete_failure, complete_tag
from preflight.cli.debug import debug_option, echo_traces
from preflight.cli.formats import format_option, output_option
from preflight.cli.memory import Memory, memory_options
from preflight.cli.options import Duration, checks_dir_option, config_option, option
from preflight.cli.terminal import COLOR_CHOICES
from preflight.model import Stage

if TYPE_CHECKING:
    from preflight.cli.output import Outputs
    from preflight.cli.telling import Telling


def hosts(_ctx: click.Context, _parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse what could never be the registry of an image reference: a URL, a pattern, nothing."""
    for host in value:
        if "@" in host:  # it may be a password
            raise click.BadParameter("a host holds an '@': write HOST or HOST:PORT, as in image references.")
        if not host.strip() or set(host) & set("/*"):
            raise click.BadParameter(f"{host!r} is no host: write HOST or HOST:PORT, as in image references.")
    return value


@click.command()
@config_option
@option("--only", multiple=True, metavar="ID", shell_complete=complete_check, help="Run only this check (repeatable).")
@option("--skip", multiple=True, metavar="ID", shell_complete=complete_check, help="Leave this check out (repeatable).")
@option(
    "--tag",
    multiple=True,
    metavar="TAG",
    shell_complete=complete_tag,
    help="Run only checks with this tag (repeatable).",
)
@format_option
@output_option
@option(
    "--timeout",
    type=Duration(positive=True),
    default="60s",
    show_default=True,
    metavar="DURATION",
    help="Time for the whole run; each check gets a share.",
)
@option(
    "--jobs", type=click.IntRange(min=1), default=16, show_default=True, metavar="N", help="Checks that run at once."
)
@option(
    "--registry-insecure",
    multiple=True,
    callback=hosts,
    metavar="HOST",
    help="Registry (HOST:PORT) that may be asked in plain HTTP (repeatable).",
)
@option("--strict", is_flag=True, help="Fail on warnings, and on what was not looked at.")
@option("--offline", is_flag=True, help="Leave out every check that needs the network, and say so.")
@option(
    "--stage",
    type=click.Choice([stage.value for stage in Stage]),
    default=Stage.BEFORE.value,
    show_default=True,
    help="Before a rollout: may this commit be rolled out? After it: did it arrive, and will it stay?",
)
@option(
    "--wait",
    type=Duration(),
    default=0.0,
    metavar="DURATION",
    help="After a rollout: ask again until all is well or the time is up, e.g. 2m.",
)
@option(
    "--allow",
    multiple=True,
    metavar="ID/CODE",
    shell_complete=complete_failure,
    help="Let this kind of failure through (repeatable).",
)
@option("--deep", is_flag=True, help="Look closer, with more requests: ask for every layer of the image, for example.")
@memory_options
@checks_dir_option
@option("-q", "--quiet", is_flag=True, help="Print only when something is wrong (for cron).")
@option("-v", "--verbose", is_flag=True, help="Print evidence and timings too.")
@option("--color", type=click.Choice(COLOR_CHOICES), default="auto", show_default=True, help="Colour the table.")
@debug_option
def run(**options: Any) -> int:
    """Run the checks and print one table: the main job.

    Exit 0 only when nothing is wrong and at least one check passed; `preflight --help` has all exit codes.
    It writes the reports named with --output, and remembers in ~/.cache/preflight what Coolify's helper image answered.
    """
    from preflight.cli.output import Outputs, reserved_stdout
    from preflight.cli.problem import refuse
    from preflight.cli.telling import Telling
    from preflight.lib.lock import Busy
    from preflight.lib.streams import standard_output

    stdout = standard_output()
    with reserved_stdout(stdout):
        outputs = Outputs.from_options(options, os.environ, stdout)
        memory = Memory.from_options(options, os.environ, outputs.formats)
        telling = Telling.from_options(options, os.environ, records=memory.records)
        try:
            with memory.turn():
                return _judge(options, outputs, memory, telling)
        except Busy as error:
            click.echo(f"preflight: {error.message}\n  {error.hint}", err=True)
            return refuse(outputs, error.message, options["stage"])


def _judge(options: dict[str, Any], outputs: "Outputs", memory: Memory, telling: "Telling") -> int:
    """Run the checks, record, print, tell."""
    from preflight.cli.progress import progress
    from preflight.run.session import run_session

    watcher = progress(quiet=options["quiet"])
    try:
        with telling.run(options["stage"]):
            report = run_session(_request(options), watcher)
    finally:
        watcher.close()
    remembered = memory.remember(report, partial(telling.letters, report))
    code = outputs.write(remembered.report, remembered.remarks)
    if remembered.problem:
        click.echo(f"preflight: {remembered.problem}", err=True)
    if options["debug"]:
        echo_traces(report)
    telling.end(memory.path, remembered, code)
    return code


def _request(options: dict[str, Any]) -> Any:
    from preflight.cli.limits import limits
    from preflight.cli.problem import host_name
    from preflight.context import Options
    from preflight.lib.clock import today
    from preflight.run.session import Request
    from preflight.run.verdict import Allowance

    return Request(
        configuration=options["configuration"],
        cwd=Path.cwd(),
        environ=dict(os.environ),
        host=host_name(),
        only=options["only"],
        skip=options["skip"],
        tags=options["tag"],
        checks_dirs=[Path(folder) for folder in options["checks_dir"]],
        timeout_s=options["timeout"],
        wait_s=_wait(options),
        jobs=options["jobs"],
        strict=options["strict"],
        options=Options(
            offline=options["offline"],
            stage=Stage(options["stage"]),
            deep=options["deep"],
            trust_root=options["configuration"].trust_root,
            git=options["configuration"].options.get("git", True),
        ),
        registry_insecure=options["registry_insecure"],
        allow=[Allowance.read(text) for text in options["allow"]],
        limits=limits(click.get_current_context(), options, today()),
    )


def _wait(options: dict[str, Any]) -> float:
    if options["wait"] and options["stage"] == Stage.BEFORE.value:
        raise click.UsageError("--wait needs --stage after: before a rollout nothing changes by waiting.")
    return float(options["wait"])
