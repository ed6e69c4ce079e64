"""Which process of a container was started with something else than the container was made with."""

from preflight.engine.container import ExecResult
from preflight.engine.process_environ import Reading
from preflight.engine.process_tree import SUPERVISORS, Process
from preflight.lib.records import frozen


@frozen
class Contradiction:
    """A process has another value.

    Args:
        process: Which, e.g. "process 1", "process 17 (java)".
        value: What it began with; None for nothing. A secret until proven otherwise.
    """

    process: str
    value: str | None


def find_contradiction(executed: ExecResult, variable: str, value: str | None) -> Contradiction | None:
    """Return the first process that began with another value than the container was made with.

    Any that has another value counts. That a value is missing counts in the main process; where that is a shell or a
    supervisor, in those that it started: one of them must have it. A supervisor may empty its own environment.
    """
    main, others = executed.main, executed.others
    name = executed.head.name if executed.head is not None else ""
    workers = _workers(executed)
    given = any(each.environ.environment.get(variable) == value for each in workers)
    if main.differs(variable, value):
        emptied = name in SUPERVISORS and variable not in main.environment
        if not (emptied and given):
            return Contradiction(main.name, main.environment.get(variable))
    for each in others:
        if each.environ.environment.get(variable, value) != value:
            return Contradiction(str(each), each.environ.environment[variable])
    started = [each for each in workers if each.environ.reading is Reading.WHOLE]
    if executed.head is not None and executed.head.starts_others and started and not given and value is not None:
        return Contradiction(str(started[0]), None)
    return None


def not_seen(executed: ExecResult, variable: str) -> tuple[str, ...]:
    """Return what a reader of a pass must know: which process was not seen to have the variable."""
    main, head, workers = executed.main, executed.head, _workers(executed)
    said = [] if main.has(variable) else [str(main)]
    if head is not None and head.starts_others and not workers:
        said.append(f"only {main.name} ({head.name}) was seen, which starts others")
    said += [f"{each} {each.environ.reading.value}" for each in workers if not each.environ.has(variable)][:1]
    return tuple(said)


def _workers(executed: ExecResult) -> list[Process]:
    """Return the processes that are there to work, the main one left out."""
    others = executed.others
    return [each for each in others if not each.head.starts_others and each.environ.path != executed.main.path]
