"""``python -m preflight`` and the console script.

Whatever takes time to import is imported in functions: the handlers of signals come first.
"""

import gc
import os
import sys

TYPE_CHECKING = False  # typing takes time, too
if TYPE_CHECKING:
    from typing import NoReturn

_FEWER_COLLECTIONS = 100_000
"""Objects more before Python looks for cycles (700 by itself): a run is short and makes few, and 1,000 services make
enough of the other objects that looking took a tenth of the whole time. What piles up stays below some 20 MiB."""


def main() -> "NoReturn":
    """Run the command line and end the process with its exit code.

    Python's own end is left out: it waits for threads that hang, and a signal in that time ends in a traceback.
    """
    try:
        code = _run()
    except BaseException as error:  # noqa: BLE001 -- raised again unless it is an interruption
        code = _interrupted(error)
    from preflight.lib.interrupts import end

    end(code)


def _leave_working_directory_out() -> bool:
    """Import nothing from the folder the operator stands in: a checkout must not run itself.

    ``python -m`` puts that folder first on the path; a ``checks/`` or ``yaml.py`` lying there would be imported.

    Returns:
        Whether there is such a folder.
    """
    first = sys.path[0] if sys.path else None
    try:
        here = os.getcwd()  # noqa: PTH109 -- pathlib would be imported from that very folder
    except OSError:
        return False
    source = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))  # noqa: PTH120 -- as above
    if first is not None and first in ("", here) and source != os.path.realpath(here):
        del sys.path[0]
    return True


def _run() -> int:
    """Run the command line; return the exit code, which is not 0 if what was asked for could not be printed."""
    folder_is_there = _leave_working_directory_out()
    from preflight.lib import interrupts, streams

    interrupts.install(_interrupted_line())
    streams.install()
    if not folder_is_there:
        sys.stderr.write("preflight: the folder you stand in is gone, or not yours to read; change to another\n")
        from preflight.cli.problem import usage_code

        return usage_code(sys.argv[1:], folder_is_there=False)
    gc.set_threshold(_FEWER_COLLECTIONS)
    from preflight.cli import entry
    from preflight.errors import ExitCode

    code = entry()
    if code < ExitCode.HUNG_UP:
        interrupts.raise_received()
    sys.stdout.flush()
    if problem := streams.standard_output().problem:
        sys.stderr.write(f"preflight: standard output could not be written: {problem}\n")
        from preflight.cli.problem import usage_code

        code = code or usage_code(sys.argv[1:])
    interrupts.over()
    return code


def _interrupted(error: BaseException) -> int:
    """Say so; return the exit code. A program that waits for a document gets one."""
    from preflight.lib import interrupts

    found = error if isinstance(error, KeyboardInterrupt | interrupts.Interrupted) else interrupts.received()
    if found is None:
        if isinstance(error, SystemExit):  # nothing of ours ends like this: what raised it decides no exit code
            from preflight.errors import ExitCode

            return ExitCode.COULD_NOT_LOOK
        raise error
    interrupts.install(_interrupted_line())  # if it came before they were
    interrupts.ending()
    interrupts.say()
    code = found.exit_code if isinstance(found, interrupts.Interrupted) else 130
    try:
        from preflight.cli.problem import report_problem

        return report_problem(sys.argv[1:], "interrupted", code)
    except Exception:  # noqa: BLE001 -- what an interrupted import left behind; the line above tells enough
        return code


def _interrupted_line() -> str:
    """Return the line for an interruption; Coolify shows the one of its hook."""
    if _command() == "hook":
        return "preflight hook: BLOCKED, nothing was judged: interrupted -> Deploy again.\n"
    return "preflight: interrupted\n"


def _command() -> str:
    """Return the name of the command, or nothing, before anybody has parsed the command line."""
    from preflight.lib.arguments import first_word

    return first_word(sys.argv[1:], ("-C",))


if __name__ == "__main__":
    main()
