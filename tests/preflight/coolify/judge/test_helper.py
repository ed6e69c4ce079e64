"""preflight/coolify/judge/helper.py: which Compose deploys, and what helper images answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from preflight.coolify.judge.helper import Deploying, HelperCompose, HelperPart, ask_helpers, who_deploys
from preflight.coolify.resource import Situation
from preflight.engine.container import Container, Ended
from preflight.engine.image_store import LocalImage
from preflight.errors import CouldNotLook
from preflight.testing import fake_context
from tests.fakes.coolify_host import SERVICE, Host

NAME = "ghcr.io/coollabsio/coolify-helper"
SAID = b"Docker Compose version v2.38.2\n"


def image(number: int, *tags: str, digests: tuple[str, ...] = ()) -> LocalImage:
    """An image; its id is made of the number."""
    return LocalImage(f"sha256:{number:064x}", tags, digests, {})


@dataclass
class HelperEngine:
    """An engine whose images answer as they are told."""

    listed: tuple[LocalImage, ...] = ()
    answers: dict[str, Ended | CouldNotLook] = field(default_factory=dict)
    running: tuple[str, ...] = ()
    asked: list[str] = field(default_factory=list)

    def images(self, _deadline: Any) -> tuple[LocalImage, ...]:
        """Return all."""
        return self.listed

    def containers(self, _labels: Mapping[str, str], _deadline: Any) -> tuple[Container, ...]:
        """Return one for each image in use."""
        made = datetime.now(UTC)
        return tuple(Container("1" * 64, "x", "x", "running", "", made, {}, each) for each in self.running)

    def run_throwaway(self, image_id: str, _words: Sequence[str], _deadline: Any) -> Ended:
        """Answer as that image does."""
        self.asked.append(image_id)
        answer = self.answers.get(image_id, Ended(0, SAID))
        if isinstance(answer, CouldNotLook):
            raise answer
        return answer


def ask(engine: HelperEngine, environ: Mapping[str, str] | None = None) -> tuple[HelperCompose, ...]:
    """Ask the helper images."""
    return ask_helpers(fake_context(engine=engine, environ=environ))


@pytest.mark.parametrize(
    ("deployed", "part", "situation"),
    [
        ({}, HelperPart.UP, Situation.DEFAULT),
        ({"raw": True}, HelperPart.BUILD, Situation.RAW),
        ({"stack": True}, HelperPart.NONE, Situation.SERVICE),
    ],
    ids=["default", "raw", "stack"],
)
def test_which_compose_deploys(tmp_path: Path, deployed: Any, part: HelperPart, situation: Situation) -> None:
    """By mode; raw mode builds in the helper."""
    host = Host(tmp_path)
    host.deploy(**deployed)

    assert who_deploys(host.context()) == (Deploying(SERVICE, part, situation),)


def test_default_mode_with_the_repository_preserved_ups_on_the_host(tmp_path: Path) -> None:
    """What the helper builds there has lost its ``env_file:`` anyway."""
    host = Host(tmp_path)
    host.deploy()
    host.container()

    assert who_deploys(host.context()) == (Deploying(SERVICE, HelperPart.NONE, Situation.DEFAULT_PRESERVED),)


def test_a_service_that_is_not_coolifys_or_cannot_be_told(tmp_path: Path) -> None:
    """The one is no matter of the helper; the other may be."""
    host = Host(tmp_path)
    [outside] = who_deploys(host.context())
    assert (outside.part, outside.outside is not None) == (HelperPart.NONE, True)

    host.engine.problem = CouldNotLook("no engine")
    [unknown] = who_deploys(host.context())
    assert (unknown.part, str(unknown.problem)) == (HelperPart.UNKNOWN, "no engine")


def test_the_helper_in_use_is_asked_else_the_newest() -> None:
    """Old ones stay on a server; other images are none of them."""
    old, new, other = image(1, f"{NAME}:1.0.9"), image(2, f"{NAME}:1.0.15"), image(3, "coollabsio/coolify:4.3.11")

    assert [each.tag for each in ask(HelperEngine((old, new, other)))] == ["1.0.15"]
    assert [each.tag for each in ask(HelperEngine((old, new, other), running=(old.id,)))] == ["1.0.9"]
    assert ask(HelperEngine((other,))) == ()


def test_where_nothing_tells_which_is_newest_all_are_asked() -> None:
    """A tag may be a word; an image by digest has none."""
    named, digested = image(1, f"{NAME}:next"), image(2, digests=(f"{NAME}@sha256:{'a' * 64}",))

    tags = [each.tag for each in ask(HelperEngine((named, digested)))]

    assert tags == ["next", digested.id.removeprefix("sha256:")[:12]]


@pytest.mark.parametrize(
    ("said", "version", "problem"),
    [
        (Ended(0, SAID), "2.38.2", ""),
        (Ended(0, b"what?\n"), None, "it answered, but not with a version"),
        (Ended(1, b""), None, "`docker compose version` ended with 1"),
        (Ended(127, b""), None, "it has no `docker` to ask"),
        (CouldNotLook("the engine went away"), None, "the engine went away"),
    ],
    ids=["version", "nonsense", "failed", "no docker", "no engine"],
)
def test_what_a_helper_answers(said: Ended | CouldNotLook, version: str | None, problem: str) -> None:
    """No answer is an error with its reason and the command to ask by hand."""
    one = image(1, f"{NAME}:1.0.15")

    [found] = ask(HelperEngine((one,), {one.id: said}))

    assert (found.version.text if found.version else None, found.problem) == (version, problem)
    assert found.by_hand == f"docker run --rm --network none --pull never {NAME}:1.0.15 docker compose version"


def test_an_answer_is_remembered(tmp_path: Path) -> None:
    """An image never changes; a failure is asked again."""
    one = image(1, f"{NAME}:1.0.15")
    engine, environ = HelperEngine((one,), {one.id: Ended(1, b"")}), {"XDG_CACHE_HOME": str(tmp_path)}
    ask(engine, environ)
    engine.answers.clear()
    ask(engine, environ)
    ask(engine, environ)

    assert len(engine.asked) == 2
