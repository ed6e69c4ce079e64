"""preflight/engine/look.py: with scripted programs, and in real containers."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from preflight.engine.container import NOT_INSIDE, Container, Details, Ended, ExecResult
from preflight.engine.door import Engine
from preflight.engine.look import Look
from preflight.engine.process_environ import Reading
from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from tests.real.engine import RealEngine

LABEL = "preflight.test-look"
UUID = b"123e4567-e89b-42d3-a456-426614174000\n"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
CONTAINER = Container("a" * 64, "app-1", "image", "running", "Up", NOW, {})
MISSING = Ended(127, b"")
BOTH, ENV_0, ENV, FIRST, COMM, CHILDREN, CHILD = (
    "env cat",
    "env -0",
    "env",
    "cat /proc/1/environ",
    "cat /proc/1/comm",
    "cat /proc/1/task/1/children",
    "cat /proc/7/environ",
)


def look(programs: dict[str, Ended | CouldNotLook], pid_mode: str = "", pid: int = 4711) -> ExecResult:
    """Look into a container with these programs; what is not named is missing there."""

    def run(argv: tuple[str, ...]) -> Ended:
        command = BOTH if argv[:2] == ("env", "cat") else " ".join(argv)
        answer = programs.get(command, MISSING)
        if isinstance(answer, CouldNotLook):
            raise answer
        return answer

    details = Details("running", NOW, {"V": "configured"}, pid_mode, pid)
    return Look(CONTAINER, details, run, Deadline.after(5))()


def both(first: bytes, name: bytes = b"sleep", exit_code: int = 0) -> Ended:
    """What the one exec prints."""
    return Ended(exit_code, b"V=right\0" + UUID + name + b"\n" + first)


@pytest.mark.parametrize(
    ("printed", "reading", "value"),
    [
        (both(b"V=evil\0"), Reading.WHOLE, "evil"),
        (both(b""), Reading.WHOLE, None),
        (both(b"", exit_code=1), Reading.REFUSED, None),
        (both(b"redis *:6379\0\0\0"), Reading.OVERWRITTEN, None),
        (both(b"redis *:6379\0V=evil\0"), Reading.OVERWRITTEN, "evil"),
    ],
)
def test_what_was_read_of_process_1(printed: Ended, reading: Reading, value: str | None) -> None:
    """An empty environment was read; one that may not be read was not."""
    seen = look({BOTH: printed})
    assert (seen.source, seen.environment) == ("exec env", {"V": "right"})
    assert (seen.main.reading, seen.main.environment.get("V")) == (reading, value)


@pytest.mark.parametrize(
    "programs",
    [
        {BOTH: CouldNotLook("broken", "repair")},
        {BOTH: Ended(137, b"")},
        {BOTH: both(b"V=ri", exit_code=1), ENV_0: Ended(0, b"V=right\0"), FIRST: Ended(137, b"V=ri")},
        {BOTH: Ended(0, b""), ENV_0: CouldNotLook("broken", "repair")},
        {BOTH: Ended(0, b""), ENV_0: Ended(0, b"V=right\0"), FIRST: CouldNotLook("broken", "repair")},
        {ENV_0: Ended(0, b""), ENV: Ended(0, b"what?"), FIRST: Ended(1, b"")},
        {ENV_0: Ended(125, b""), ENV: Ended(0, b"V=1\nV=2\n")},
        {FIRST: Ended(1, b"")},
        {FIRST: Ended(0, b"")},
        {FIRST: Ended(0, b"redis *:6379\0")},
    ],
)
def test_what_broke_is_no_answer(programs: dict[str, Ended | CouldNotLook]) -> None:
    """Where there is something to run, what the container was configured with never stands in."""
    with pytest.raises(CouldNotLook):
        look(programs)


@pytest.mark.parametrize(
    ("programs", "source", "reading"),
    [
        ({}, NOT_INSIDE, Reading.NO_PROGRAM),
        ({ENV_0: Ended(0, b"V=right\0")}, "exec env -0", Reading.NO_PROGRAM),
        ({ENV_0: Ended(0, b"V=right\0"), FIRST: Ended(1, b"")}, "exec env -0", Reading.REFUSED),
        ({ENV_0: Ended(0, b"V=right\0"), FIRST: Ended(0, b"")}, "exec env -0", Reading.WHOLE),
        ({ENV_0: Ended(125, b""), ENV: Ended(0, b"V=right\n")}, "exec env", Reading.NO_PROGRAM),
        ({FIRST: Ended(0, b"V=right\0")}, "exec cat /proc/1/environ", Reading.WHOLE),
    ],
)
def test_one_by_one(programs: dict[str, Ended | CouldNotLook], source: str, reading: Reading) -> None:
    """Where one of the two programs is missing, the other is asked alone."""
    seen = look(programs)
    assert (seen.source, seen.main.reading) == (source, reading)


@pytest.mark.parametrize(
    ("programs", "reading"),
    [
        ({CHILDREN: Ended(0, b"7 12 "), CHILD: Ended(0, b"V=evil\0")}, Reading.WHOLE),
        ({CHILDREN: Ended(0, b"7 "), CHILD: Ended(1, b"")}, Reading.REFUSED),
        ({CHILDREN: Ended(0, b"")}, Reading.NO_CHILD),
        ({CHILDREN: Ended(1, b"")}, Reading.NO_CHILD),
        ({CHILDREN: Ended(0, b"../x")}, Reading.NO_CHILD),
    ],
)
@pytest.mark.parametrize("init", [b"docker-init", b"tini", b"dumb-init"])
def test_an_init_is_not_the_process_that_counts(
    programs: dict[str, Ended | CouldNotLook], reading: Reading, init: bytes
) -> None:
    """Its environment is what Docker gave it; its eldest child is the program."""
    one_by_one = {ENV_0: Ended(0, b"V=right\0"), FIRST: Ended(0, b"V=right\0"), COMM: Ended(0, init + b"\n")}
    for seen in (look({BOTH: both(b"V=right\0", init), **programs}), look({**one_by_one, **programs})):
        assert seen.main.reading is reading
        assert seen.main.environment.get("V") == ("evil" if reading is Reading.WHOLE else None)


def test_processes_that_are_shared() -> None:
    """On the host's the engine tells which process it is; among another container's nobody does."""
    programs: dict[str, Ended | CouldNotLook] = {
        BOTH: both(b"V=of the host's init\0", b"systemd"),
        "cat /proc/4711/environ": Ended(0, b"V=evil\0"),
    }
    host = look(programs, "host").main
    assert (host.name, host.environment) == ("process 4711", {"V": "evil"})
    other = look(programs, "container:" + "b" * 64).main
    assert (other.reading, other.environment) == (Reading.SHARED, {})
    assert look(programs, "host", 0).main.reading is Reading.SHARED


@pytest.fixture
def start(engine: RealEngine) -> Iterator[Callable[..., ExecResult]]:
    """Starts a container and looks into it; it goes when the test ends."""
    label, ours = uuid.uuid4().hex, Engine(engine.environ)
    names: list[str] = []

    def begin(*arguments: str, command: tuple[str, ...] = ("sleep", "600")) -> ExecResult:
        names.append(f"look-{label[:8]}-{len(names)}")
        words = ("--network=host", "--name", names[-1], "--label", f"{LABEL}={label}", "-e", "V=right")
        engine.docker("run", "-d", *words, *arguments, engine.image, *command)
        if "sh" in command:  # a shell hands over to the program that counts in a moment
            wanted = "until grep -q sleep /proc/$1/cmdline; do sleep 0.05; done"
            engine.docker("exec", names[-1], "timeout", "10", "sh", "-c", wanted, "-", "1")
        [found] = ours.containers({LABEL: label}, Deadline.after(20))
        seen = ours.look(found, Deadline.after(20)).executed
        assert seen is not None
        return seen

    yield begin
    engine.docker("rm", "--force", *names, check=False)


@pytest.mark.engine
@pytest.mark.parametrize(
    ("script", "value"),
    [
        ("exec env -i V=evil sleep 600", "evil"),
        ("exec env -i sleep 600", None),
        ("exec env -u V sleep 600", None),
        ("export V=evil; exec sleep 600", "evil"),
        ("exec sleep 600", "right"),
    ],
)
def test_a_command_that_changes_the_environment(
    start: Callable[..., ExecResult], script: str, value: str | None
) -> None:
    """All of it, a part, or nothing."""
    main = start(command=("sh", "-c", script)).main
    assert main.reading is Reading.WHOLE
    assert main.environment.get("V") == value


@pytest.mark.engine
def test_a_process_on_the_host(start: Callable[..., ExecResult]) -> None:
    """With `pid: host`, process 1 is not the container's."""
    main = start("--pid=host", command=("env", "-i", "V=evil", "sleep", "600")).main
    assert main.name != "process 1"
    assert main.environment == {"V": "evil"}


@pytest.mark.engine
def test_a_child_of_an_init(start: Callable[..., ExecResult]) -> None:
    """With `init: true`, process 1 is Docker's."""
    main = start("--init", command=("env", "-i", "V=evil", "sleep", "600")).main
    if not main.has("V"):  # a kernel without CONFIG_PROC_CHILDREN tells no children
        assert main.reading is Reading.NO_CHILD
    else:
        assert main.environment == {"V": "evil"}
