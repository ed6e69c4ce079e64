"""preflight/running/processes.py: which process of a container contradicts what it was made with."""

import pytest

from preflight.engine.container import ExecResult
from preflight.engine.process_environ import MainProcess, Reading, read_environ
from preflight.engine.process_tree import Head, Process
from preflight.running.processes import Contradiction, find_contradiction, not_seen

RIGHT, EVIL, NONE = b"V=right\0", b"V=evil\0", b"OTHER=1\0"


def seen(name: str, main: bytes, *below: tuple[str, bytes | None]) -> ExecResult:
    """Return what was seen of a container: process 1, and those below it (None: not to be read)."""
    others = tuple(Process(pid, Head(each), _environ(pid, data)) for pid, (each, data) in enumerate(below, 7))
    return ExecResult({"V": "right"}, "exec env", read_environ(main), Head(name), others)


def _environ(pid: int, data: bytes | None) -> MainProcess:
    path = f"/proc/{pid}/environ"
    return MainProcess(Reading.REFUSED, path=path) if data is None else read_environ(data, path)


@pytest.mark.parametrize(
    "executed",
    [
        seen("java", RIGHT),
        seen("java", RIGHT, ("git", NONE)),
        seen("sh", RIGHT, ("java", RIGHT), ("cron", NONE)),
        seen("sh", RIGHT, ("java", None)),
        seen("supervisord", RIGHT, ("sh", RIGHT), ("java", RIGHT)),
        seen("s6-svscan", NONE, ("s6-supervise", NONE), ("java", RIGHT)),
        seen("nginx", b"nginx: master\0", ("nginx", b"nginx: worker\0")),
    ],
)
def test_nothing_contradicts(executed: ExecResult) -> None:
    """A helper with an environment of its own is none of the programs that count; s6 empties that of process 1."""
    assert find_contradiction(executed, "V", "right") is None


@pytest.mark.parametrize(
    ("executed", "process", "value"),
    [
        (seen("java", EVIL), "process 1", "evil"),
        (seen("java", NONE), "process 1", None),
        (seen("sh", RIGHT, ("java", EVIL)), "process 7 (java)", "evil"),
        (seen("java", RIGHT, ("java", EVIL)), "process 7 (java)", "evil"),
        (seen("sh", RIGHT, ("sh", RIGHT), ("java", EVIL)), "process 8 (java)", "evil"),
        (seen("sh", RIGHT, ("java", NONE)), "process 7 (java)", None),
        (seen("bash", RIGHT, ("sh", RIGHT), ("java", NONE)), "process 8 (java)", None),
        (seen("s6-svscan", NONE, ("s6-supervise", NONE), ("java", NONE)), "process 1", None),
        (seen("s6-svscan", NONE, ("java", None)), "process 1", None),
        (seen("s6-svscan", NONE, ("java", RIGHT), ("x", EVIL)), "process 8 (x)", "evil"),
        (seen("supervisord", RIGHT, ("java", NONE)), "process 7 (java)", None),
        (seen("s6-svscan", EVIL, ("java", RIGHT)), "process 1", "evil"),
    ],
)
def test_a_process_contradicts(executed: ExecResult, process: str, value: str | None) -> None:
    """Another value anywhere; none at all where the programs that count are."""
    assert find_contradiction(executed, "V", "right") == Contradiction(process, value)


@pytest.mark.parametrize(
    ("executed", "words"),
    [
        (seen("java", RIGHT, ("java", RIGHT)), ()),
        (seen("sh", RIGHT), ("only process 1 (sh) was seen, which starts others",)),
        (seen("sh", RIGHT, ("java", None)), ("process 7 (java) does not let its environment be read",)),
        (seen("nginx", b"nginx: x\0", ("nginx", None), ("nginx", None)), ("process 1 overwrote its environment",
         "process 7 (nginx) does not let its environment be read")),
    ],
)  # fmt: skip
def test_a_pass_says_what_was_not_seen(executed: ExecResult, words: tuple[str, ...]) -> None:
    """Once for each kind."""
    assert not_seen(executed, "V") == words
