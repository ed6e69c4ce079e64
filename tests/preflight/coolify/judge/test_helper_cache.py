"""preflight/coolify/judge/helper_cache.py: answers of images, kept between runs."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from preflight.coolify.judge.helper import ask_helpers
from preflight.coolify.judge.helper_cache import Remembered
from preflight.engine.container import Ended
from preflight.engine.image_store import LocalImage
from preflight.lib.deadline import Deadline
from preflight.testing import fake_context

IMAGE = "sha256:" + "ab" * 32
ANSWER = "Docker Compose version v2.38.2"


def file_in(folder: Path) -> Path:
    """Return where the answer of the image lies."""
    return folder / "preflight" / "helper-compose" / ("ab" * 32)


def test_an_answer_is_kept_from_run_to_run(tmp_path: Path) -> None:
    """In the cache folder of the user who runs the tool, else below the home folder."""
    Remembered({"XDG_CACHE_HOME": str(tmp_path)}).keep(IMAGE, ANSWER)
    Remembered({"HOME": str(tmp_path / "home")}).keep(IMAGE, ANSWER)

    assert Remembered({"XDG_CACHE_HOME": str(tmp_path)}).recall(IMAGE) == ANSWER
    assert file_in(tmp_path).read_text() == ANSWER + "\n"
    assert file_in(tmp_path / "home" / ".cache").is_file()
    assert Remembered({"XDG_CACHE_HOME": str(tmp_path)}).recall("sha256:" + "cd" * 32) is None


@pytest.mark.parametrize("environ", [{}, {"HOME": ""}, {"XDG_CACHE_HOME": "relative"}, {"HOME": "/proc/none"}])
def test_nowhere_to_write_is_no_mistake(environ: dict[str, str]) -> None:
    """Then the image is asked each time."""
    Remembered(environ).keep(IMAGE, ANSWER)

    assert Remembered(environ).recall(IMAGE) is None


@pytest.mark.parametrize("image", ["latest", "sha256:../../x", "sha256:" + "AB" * 32])
def test_only_ids_are_remembered(tmp_path: Path, image: str) -> None:
    """A name may stand for another image tomorrow."""
    memory = Remembered({"XDG_CACHE_HOME": str(tmp_path)})
    memory.keep(image, ANSWER)

    assert memory.recall(image) is None
    assert not list(tmp_path.iterdir())


def test_what_others_can_write_is_not_believed(tmp_path: Path) -> None:
    """Neither the file nor the folder may be theirs, nor be writable for them."""
    memory = Remembered({"XDG_CACHE_HOME": str(tmp_path)})
    memory.keep(IMAGE, ANSWER)
    file = file_in(tmp_path)
    for path, good in ((file, 0o600), (file.parent, 0o700)):
        path.chmod(good | 0o022)
        assert memory.recall(IMAGE) is None
        path.chmod(good)
        assert memory.recall(IMAGE) == ANSWER
    if os.geteuid() == 0:
        os.chown(file, 65534, 65534)
        assert memory.recall(IMAGE) is None


def test_nothing_is_left_in_somebody_elses_home(tmp_path: Path) -> None:
    """`sudo -E` keeps HOME."""
    tmp_path.chmod(0o777)
    Remembered({"HOME": str(tmp_path)}).keep(IMAGE, ANSWER)

    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"x" * 4000])
def test_a_broken_file_is_asked_again(tmp_path: Path, content: bytes) -> None:
    """Empty, binary, or too long."""
    memory = Remembered({"XDG_CACHE_HOME": str(tmp_path)})
    memory.keep(IMAGE, ANSWER)
    file_in(tmp_path).write_bytes(content)

    assert memory.recall(IMAGE) is None
    memory.keep(IMAGE, "y" * 4000)
    assert file_in(tmp_path).read_bytes() == content


@dataclass
class FakeEngine:
    """An engine with one helper that answers what it is told."""

    answer: Ended
    asked: list[str] = field(default_factory=list)

    def images(self, _deadline: Deadline) -> tuple[LocalImage, ...]:
        """It."""
        return (LocalImage(IMAGE, ("ghcr.io/coollabsio/coolify-helper:1.0.15",), ()),)

    def run_throwaway(self, image: str, _argv: Any, _deadline: Deadline) -> Ended:
        """Answer."""
        self.asked.append(image)
        return self.answer


@pytest.mark.parametrize(
    ("answer", "asks"),
    [
        (Ended(0, ANSWER.encode()), 1),
        (Ended(1, ANSWER.encode()), 2),
        (Ended(0, b"no version"), 2),
    ],
)
def test_only_a_version_is_remembered(tmp_path: Path, answer: Ended, asks: int) -> None:
    """A helper that failed is asked again in the next run; the answer is the same either way."""
    engine = FakeEngine(answer)
    environ = {"XDG_CACHE_HOME": str(tmp_path)}
    runs = [fake_context(environ=environ, engine=engine, seconds=20) for _ in range(2)]

    first, second = (ask_helpers(run) for run in runs)

    assert first == second
    assert len(engine.asked) == asks
