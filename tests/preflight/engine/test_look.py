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
BOTH, ENV_0, ENV, FIRST, HEAD, CHILD, AS_USER = (
    "env cat",
    "env -0",
    "env",
    "cat /proc/1/environ",
    "cat /proc/1/comm /proc/1/status /proc/1/task/1/children",
    "cat 7",
    "as 7:7: cat 7",
)


def look(programs: dict[str, Ended | CouldNotLook], pid_mode: str = "", pid: int = 4711) -> ExecResult:
    """Look into a container with these programs; what is not named is missing there."""

    def run(argv: tuple[str, ...], user: str = "") -> Ended:
        asked = [word.split("/")[2] for word in argv if word.endswith("/environ")]
        command = f"cat {' '.join(asked)}" if "random" in argv[-1] else " ".join(argv)
        command = BOTH if argv[:2] == ("env", "cat") else f"as {user}: {command}" if user else command
        answer = programs.get(command, MISSING)
        if isinstance(answer, CouldNotLook):
            raise answer
        return answer

    details = Details("running", NOW, {"V": "configured"}, pid_mode, pid)
    return Look(CONTAINER, details, run, Deadline.after(5))()


def both(first: bytes, name: bytes = b"sleep", exit_code: int = 0, children: bytes = b"") -> Ended:
    """What the one exec prints."""
    return Ended(exit_code, b"V=right\0" + one(first, name, exit_code, children).stdout)


def one(environ: bytes, name: bytes = b"sleep", exit_code: int = 0, children: bytes = b"") -> Ended:
    """What is printed of one process."""
    head = name + b"\nUmask:\t0022\nUid:\t7\t7\t7\t7\nGid:\t7\t7\t7\t7\n" + children
    return Ended(exit_code, UUID + head + UUID + environ + UUID)


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
    ("children", "programs", "reading"),
    [
        (b"7 ", {CHILD: one(b"V=evil\0")}, Reading.WHOLE),
        (b"7 ", {CHILD: one(b"", exit_code=1)}, Reading.REFUSED),
        (b"7 ", {CHILD: one(b"", exit_code=1), AS_USER: one(b"V=evil\0")}, Reading.WHOLE),
        (b"7 ", {CHILD: Ended(137, b"")}, Reading.NO_CHILD),
        (b"7 ", {CHILD: Ended(0, b"V=evil\0")}, Reading.NO_CHILD),
        (b"", {}, Reading.NO_CHILD),
        (b"../x ", {}, Reading.NO_CHILD),
    ],
)
@pytest.mark.parametrize("init", [b"docker-init", b"tini", b"dumb-init"])
def test_an_init_is_not_the_process_that_counts(
    children: bytes, programs: dict[str, Ended | CouldNotLook], reading: Reading, init: bytes
) -> None:
    """Its environment is what Docker gave it; its eldest child is the program."""
    about = Ended(0, init + b"\nName:\tx\n" + children)
    one_by_one = {ENV_0: Ended(0, b"V=right\0"), FIRST: Ended(0, b"V=right\0"), HEAD: about}
    at_once = {BOTH: both(b"V=right\0", init, children=children)}
    for seen in (look({**at_once, **programs}), look({**one_by_one, **programs})):
        assert seen.main.reading is reading
        assert seen.main.environment.get("V") == ("evil" if reading is Reading.WHOLE else None)


def test_processes_below_the_first_are_looked_at() -> None:
    """A level at a time, as their own user where that is needed; who started them is known."""
    programs: dict[str, Ended | CouldNotLook] = {
        BOTH: both(b"V=right\0", b"sh", children=b"7 8 "),
        "cat 7 8": Ended(0, one(b"V=right\0", b"sh", children=b"9 ").stdout + one(b"", b"cron").stdout[len(UUID) :]),
        "cat 9": one(b"", b"java", 1),
        "as 7:7: cat 9": one(b"V=evil\0", b"java"),
    }
    seen = look(programs)

    assert (seen.main.environment, seen.head is not None and seen.head.starts_others) == ({"V": "right"}, True)
    assert [(str(each), each.environ.environment) for each in seen.others] == [
        ("process 7 (sh)", {"V": "right"}),
        ("process 8 (cron)", {}),
        ("process 9 (java)", {"V": "evil"}),
    ]


def test_a_broken_look_at_a_child_is_no_answer() -> None:
    """As for process 1; only reading as another user is an attempt."""
    programs: dict[str, Ended | CouldNotLook] = {
        BOTH: both(b"V=right\0", b"sh", children=b"7 "),
        CHILD: CouldNotLook("broken", "repair"),
    }
    with pytest.raises(CouldNotLook):
        look(programs)

    seen = look({**programs, CHILD: one(b"", b"java", 1), AS_USER: CouldNotLook("refused", "")})
    assert [each.environ.reading for each in seen.others] == [Reading.REFUSED]


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

    def begin(*arguments: str, command: tuple[str, ...] = ("sleep", "600"), below: bool = False) -> ExecResult:
        names.append(f"look-{label[:8]}-{len(names)}")
        words = ("--network=host", "--name", names[-1], "--label", f"{LABEL}={label}", "-e", "V=right")
        engine.docker("run", "-d", *words, *arguments, engine.image, *command)
        if "sh" in command:  # a shell hands over to the program that counts in a moment
            script = "until cat /proc/$0/comm | grep -q sleep; do usleep 20000; done"
            engine.docker("exec", names[-1], "timeout", "10", "sh", "-c", script, "[0-9]*" if below else "1")
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
@pytest.mark.parametrize(
    "script",
    [
        "V=evil sleep 500 & sleep 600; wait",
        "sh -c 'export V=evil; sleep 600 & wait' & wait",
        "echo app:x:7:7::/:/bin/sh >/etc/passwd; V=evil exec start-stop-daemon -S -c app -x /bin/sleep -- 600",
    ],
)
def test_a_process_below_the_first(start: Callable[..., ExecResult], script: str) -> None:
    """A child, a grandchild, and a process that gave root's privileges up."""
    seen = start(command=("sh", "-c", script), below=True)
    values = [seen.main.environment.get("V"), *(each.environ.environment.get("V") for each in seen.others)]
    assert "evil" in values


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
