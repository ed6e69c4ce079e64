"""The table of exit codes."""

from docs.made.markdown import table
from preflight.errors import ExitCode

_MEANINGS = {
    ExitCode.OK: "nothing wrong, and at least one check passed",
    ExitCode.FAILED: "at least one check failed",
    ExitCode.USAGE: "the command line or the configuration is wrong; nothing was checked",
    ExitCode.COULD_NOT_LOOK: "no failure, but something could not be looked at, or nothing passed",
    ExitCode.HUNG_UP: "interrupted: the terminal hung up (SIGHUP)",
    ExitCode.INTERRUPTED: "interrupted with Ctrl-C",
    ExitCode.QUIT: "interrupted with Ctrl-\\ (SIGQUIT)",
    ExitCode.TERMINATED: "interrupted with SIGTERM",
}


def exit_codes() -> str:
    """Return the table."""
    return table(("code", "meaning"), [(str(code.value), _MEANINGS[code]) for code in ExitCode])
