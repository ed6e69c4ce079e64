"""The command line. It only wires: options in, one call, text out."""

import os
import sys
from collections.abc import Sequence

import click

from preflight.cli.group import LazyGroup
from preflight.errors import ConfigurationError, ExitCode, PreflightError
from preflight.lib import interrupts
from preflight.version import __version__

EPILOG = """\
\b
Exit codes:
  0  nothing wrong, and at least one check passed
  1  at least one check failed
  2  the command line or the configuration is wrong
  3  no failure, but something could not be looked at, or nothing passed
  129, 130, 131, 143  interrupted (SIGHUP, Ctrl-C, SIGQUIT, SIGTERM)

Every option of a command can also be set in the environment (PREFLIGHT_ and the option's name, e.g.
PREFLIGHT_TIMEOUT), and those of `run` in preflight.yaml; the command line overrides the environment, which overrides
the file.
"""


@click.command(
    cls=LazyGroup,
    commands_at={
        "run": "preflight.cli.run:run",
        "report": "preflight.cli.report:report",
        "list": "preflight.cli.list:list_checks",
        "explain": "preflight.cli.explain:explain",
        "init": "preflight.cli.init:init",
        "pin": "preflight.cli.pin:pin",
        "sentinel": "preflight.cli.sentinel:sentinel",
        "hook": "preflight.cli.hook:hook",
        "history": "preflight.cli.history:history",
        "diff": "preflight.cli.diff:diff",
        "install": "preflight.cli.install:install",
        "notify": "preflight.cli.notify:notify",
        "fleet": "preflight.cli.fleet:fleet",
        "completion": "preflight.cli.completion_script:completion_script",
    },
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EPILOG,
)
@click.version_option(__version__, "-V", "--version", message="preflight %(version)s")
@click.option(
    "-C",
    "directory",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False),
    help="Change to this folder first, as git and make do.",
)
@click.pass_context
def cli(ctx: click.Context, directory: str | None) -> None:
    """Prove, on the deploy host, that the image pinned in git is what will run."""
    if directory is not None:
        os.chdir(directory)
    from preflight.cli.environment import refuse_misspelt

    refuse_misspelt(os.environ, [ctx.command])


def entry(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; every error becomes one line on standard error."""
    argv = [*(sys.argv[1:] if arguments is None else arguments)]  # `list` is a module of ours here
    try:
        code = cli.main(argv, prog_name="preflight", standalone_mode=False)
        return int(code) if isinstance(code, int) else ExitCode.OK
    except click.ClickException as error:
        error.show()
        return _without_report(argv, error.format_message(), error.exit_code)
    except PreflightError as error:
        mistakes = error.all if isinstance(error, ConfigurationError) else (error,)
        for each in mistakes:
            click.echo(f"preflight: {each.message}{_on_own_line(each.hint)}", err=True)
        return _without_report(argv, "; ".join(each.message for each in mistakes), ExitCode.USAGE)
    except (Exception, SystemExit) as error:  # noqa: BLE001 -- the last resort: one line, never a traceback
        if isinstance(error, SystemExit) and isinstance(error.code, int) and "_PREFLIGHT_COMPLETE" in os.environ:
            return error.code  # completion ends like this; elsewhere the exit code of a mistake must not become ours
        interrupts.raise_received()  # on whose way out a clean-up failed
        return _crashed(argv, error)


def _crashed(argv: Sequence[str], error: BaseException) -> int:
    """Say what stopped us; of our own mistakes only kind and place, since their text may quote anything."""
    from preflight.cli.debug import echo_trace, is_debug
    from preflight.lib.exceptions import describe_exception, trace

    reason = error.strerror.lower() if isinstance(error, OSError) and error.strerror else ""
    problem = f"cannot go on: {reason} ({describe_exception(error)})" if reason else describe_exception(error)
    message = problem if reason else f"a mistake in preflight or in a check: {problem}; please report it"
    click.echo(f"preflight: {message}", err=True)
    if is_debug(argv):
        echo_trace(trace(error))
    return _without_report(argv, message, ExitCode.COULD_NOT_LOOK)


def _on_own_line(hint: str) -> str:
    return f"\n  {hint}" if hint else ""


def _without_report(argv: Sequence[str], problem: str, code: int) -> int:
    """Whoever asked for reports gets them also when nothing was checked."""
    from preflight.cli.problem import report_problem

    return report_problem(argv, problem, code)
