"""preflight/engine/door.py: what a real engine answers."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from preflight.engine import door as engine_module
from preflight.engine import exec_in_container as inside
from preflight.engine.container import NOT_INSIDE
from preflight.engine.door import Engine
from preflight.engine.process_environ import Reading
from preflight.errors import CouldNotLook, DeadlineExceeded
from preflight.lib.deadline import Deadline
from tests.fakes.engine import SECRET
from tests.limits import not_waiting_for
from tests.preflight.engine.door.asking import LABEL, only, ran_in
from tests.real.engine import RealEngine


@pytest.mark.engine
class TestRealEngine:
    """What a real one answers."""

    def test_a_running_container(self, engine: RealEngine, start: Callable[..., str], label: str) -> None:
        """Listed by its labels, looked into by exec; what is secret shows nowhere."""
        name = start("-e", "TWO=one\nLINES=2")
        ours = Engine(engine.environ)
        found = only(ours, label)

        assert (found.name, found.state, found.image) == (name, "running", engine.image)
        assert ours.environment(found, Deadline.after(20))["TOKEN"] == SECRET
        seen = ran_in(ours, found)
        assert seen.source == "exec env"
        assert seen.environment["TWO"] == "one\nLINES=2"
        assert "LINES" not in seen.environment
        assert seen.main.reading is Reading.WHOLE
        assert seen.main.environment["TOKEN"] == SECRET
        assert SECRET not in repr((found, seen, ours.look(found, Deadline.after(20))))

    def test_every_state_is_listed(self, engine: RealEngine, start: Callable[..., str], label: str) -> None:
        """Stopped ones too; in those nothing can be run."""
        name = start()
        engine.docker("stop", "--time=0", name)
        ours = Engine(engine.environ)
        found = only(ours, label)
        assert found.state == "exited"
        assert ours.look(found, Deadline.after(20)).executed is None

    def test_answers_are_asked_for_once(self, engine: RealEngine, start: Callable[..., str], label: str) -> None:
        """Two checks see the same."""
        start()
        ours = Engine(engine.environ)
        first = only(ours, label)
        start()
        assert only(ours, label) is first
        assert ours.look(first, Deadline.after(20)) is ours.look(first, Deadline.after(20))

    def test_a_container_that_is_gone(self, engine: RealEngine, start: Callable[..., str], label: str) -> None:
        """Removed between listing and looking."""
        name = start()
        ours = Engine(engine.environ)
        found = only(ours, label)
        engine.docker("rm", "--force", name)
        with pytest.raises(CouldNotLook, match="the container is gone"):
            ours.look(found, Deadline.after(20))

    def test_a_container_that_ends_while_it_is_asked(
        self, engine: RealEngine, start: Callable[..., str], label: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It ran when it was inspected, and not when something was run in it."""
        name = start()
        ours = Engine(engine.environ)
        found = only(ours, label)
        run = inside.run_inside

        def late(*arguments: Any, **named: Any) -> Any:
            engine.docker("stop", "--time=0", name)
            return run(*arguments, **named)

        monkeypatch.setattr(engine_module, "run_inside", late)
        with pytest.raises(CouldNotLook, match=f"container {name} stopped while it was asked .now exited"):
            ours.look(found, Deadline.after(20))

    def test_a_container_that_ends_during_the_exec(
        self, engine: RealEngine, start: Callable[..., str], label: str, tmp_path: Path
    ) -> None:
        """Its `env` hangs until the container is killed."""
        name = self.with_env(engine, start, tmp_path, "#!/bin/sh\nsleep 600\n")
        ours = Engine(engine.environ)
        found = only(ours, label)
        killer = threading.Timer(0.5, lambda: engine.docker("kill", name))
        killer.start()
        with pytest.raises(CouldNotLook, match="stopped while it was asked"):
            ours.look(found, Deadline.after(20))
        killer.join()

    def test_an_exec_that_hangs(
        self, engine: RealEngine, start: Callable[..., str], label: str, tmp_path: Path
    ) -> None:
        """It is left behind at the deadline."""
        self.with_env(engine, start, tmp_path, "#!/bin/sh\nsleep 600\n")
        ours = Engine(engine.environ)
        found = only(ours, label)
        with not_waiting_for(600), pytest.raises(DeadlineExceeded):
            ours.look(found, Deadline.after(1))

    def test_an_exec_that_prints_without_end(
        self, engine: RealEngine, start: Callable[..., str], label: str, tmp_path: Path
    ) -> None:
        """It is cut off, and its standard error does not count."""
        self.with_env(engine, start, tmp_path, "#!/bin/sh\necho noise >&2; exec cat /dev/zero\n")
        ours = Engine(engine.environ)
        found = only(ours, label)
        with pytest.raises(CouldNotLook, match="printed more than 4 MiB"):
            ours.look(found, Deadline.after(30))

    @pytest.mark.parametrize(
        ("script", "source"),
        [
            ('case "$1" in -0) exec busybox env -0;; cat) exit 1;; esac; exec busybox env', "exec env -0"),
            ('case "$1" in "") exec busybox env;; esac; exit 125', "exec env"),
            ("exit 125", "exec cat /proc/1/environ"),
            ("exit 0", "exec cat /proc/1/environ"),
            ("echo A=1; echo A=1", "exec cat /proc/1/environ"),
        ],
    )
    def test_other_kinds_of_env(
        self,
        engine: RealEngine,
        start: Callable[..., str],
        label: str,
        tmp_path: Path,
        *,
        script: str,
        source: str,
    ) -> None:
        """One that runs no program, one that knows no -0, one that prints nothing that can be read."""
        self.with_env(engine, start, tmp_path, f"#!/bin/sh\n{script}\n")
        ours = Engine(engine.environ)
        seen = ran_in(ours, only(ours, label))
        assert seen.source == source
        assert seen.environment["TOKEN"] == SECRET

    def test_lines_that_could_be_part_of_a_value_are_not_read(
        self, engine: RealEngine, start: Callable[..., str], label: str, tmp_path: Path
    ) -> None:
        """`env` without -0 cannot be trusted then."""
        script = '#!/bin/sh\ncase "$1" in "") exec busybox env;; esac; exit 125\n'
        self.with_env(engine, start, tmp_path, script, "-e", "B=1\nFAKE=2")
        ours = Engine(engine.environ)
        seen = ran_in(ours, only(ours, label))
        assert seen.source == "exec cat /proc/1/environ"
        assert "FAKE" not in seen.environment

    def test_an_image_with_nothing_to_run(self, engine: RealEngine, start: Callable[..., str], label: str) -> None:
        """What it is configured with stands in."""
        start(image=engine.image_without_env)
        ours = Engine(engine.environ)
        seen = ran_in(ours, only(ours, label))
        assert (seen.source, seen.main.reading) == (NOT_INSIDE, Reading.NO_PROGRAM)
        assert seen.environment["TOKEN"] == SECRET

    def test_containers_are_looked_at_side_by_side(
        self, engine: RealEngine, start: Callable[..., str], label: str
    ) -> None:
        """One that is gone costs nobody else's answer."""
        names = [start() for _ in range(3)]
        ours = Engine(engine.environ)
        found = ours.containers({LABEL: label}, Deadline.after(20))
        engine.docker("rm", "--force", names[1])
        seen = ours.look_at_all(found, Deadline.after(20))
        assert [isinstance(each, CouldNotLook) for each in seen] == [False, True, False]

    def test_importing_beforehand(self, engine: RealEngine, label: str) -> None:
        """Only saves time."""
        ours = Engine(engine.environ)
        ours.warm()
        assert ours.containers({LABEL: label}, Deadline.after(20)) == ()

    @staticmethod
    def with_env(engine: RealEngine, start: Callable[..., str], tmp_path: Path, script: str, *arguments: str) -> str:
        """Start a container whose `env` is a script."""
        (tmp_path / "env").write_text(script)
        (tmp_path / "env").chmod(0o755)
        name = start(*arguments)
        engine.docker("exec", name, "sh", "-c", "rm $(which env)")
        engine.docker("cp", str(tmp_path / "env"), f"{name}:/bin/env")
        return name
