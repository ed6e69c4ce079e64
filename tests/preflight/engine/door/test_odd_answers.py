"""preflight/engine/door.py: an engine, or a proxy before it, that refuses or makes no sense."""

import json
from collections.abc import Callable, Mapping

import pytest

from preflight.engine import exec_in_container as inside
from preflight.engine import reader
from preflight.engine.container import NOT_INSIDE
from preflight.engine.door import Engine
from preflight.engine.problem import ExecRefused
from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from tests.fakes.engine import SECRET
from tests.preflight.engine.door.asking import ID, INSPECTED, LISTED, listing, ran_in


@pytest.mark.parametrize(
    ("status", "words"), [(401, "refuses (HTTP 401)"), (403, "refuses (HTTP 403)"), (500, "failed (HTTP 500)")]
)
def test_an_engine_that_refuses(fake: Callable[..., Engine], status: int, words: str) -> None:
    """What it says is not shown: it may quote anything."""
    body = json.dumps({"message": SECRET}).encode()
    assert words in listing(fake({"/containers/json": (status, {}, body)})).message


def test_a_proxy_that_forbids_exec(fake: Callable[..., Engine]) -> None:
    """Listing and inspecting work; running something does not, which is said beside what was seen."""
    engine = fake(
        {
            "/containers/json": (200, {}, LISTED),
            f"/{ID}/json": (200, {}, INSPECTED),
            f"/{ID}/exec": (403, {}, b"Forbidden"),
        }
    )
    [found] = engine.containers({"a": "b"}, Deadline.after(5))
    sight = engine.look(found, Deadline.after(5))
    assert sight.executed is None
    assert sight.details.environment == {"A": "1", "B": SECRET}
    assert isinstance(sight.refused, ExecRefused)
    assert sight.refused.message == f"the Docker engine refuses exec in container {found.name} (HTTP 403)"
    assert "EXEC" in sight.refused.hint


def test_a_proxy_that_forbids_to_start_an_exec(fake: Callable[..., Engine]) -> None:
    """Some let one be made below /containers, and refuse /exec."""
    engine = exec_engine(fake, (403, {}, b"Forbidden"), b"{}")
    [found] = engine.containers({"a": "b"}, Deadline.after(5))
    assert isinstance(engine.look(found, Deadline.after(5)).refused, ExecRefused)


def exec_engine(fake: Callable[..., Engine], start: tuple[int, Mapping[str, str], bytes], ended: bytes) -> Engine:
    """An engine whose exec answers so."""
    return fake(
        {
            "/containers/json": (200, {}, LISTED),
            f"/{ID}/json": (200, {}, INSPECTED),
            f"/{ID}/exec": (201, {}, b'{"Id": "e1"}'),
            "/exec/e1/start": start,
            "/exec/e1/json": (200, {}, ended),
        }
    )


@pytest.mark.parametrize(
    "said",
    [
        "crun: executable file `env` not found in $PATH: No such file or directory: OCI runtime attempted to invoke a",
        'OCI runtime exec failed: exec failed: unable to start container process: exec: "env": not found',
    ],
)
def test_an_engine_that_refuses_to_start_what_is_not_there(fake: Callable[..., Engine], said: str) -> None:
    """Podman and new Dockers answer with an error where old ones ran and failed."""
    engine = exec_engine(fake, (500, {}, json.dumps({"message": said}).encode()), b"{}")
    [found] = engine.containers({"a": "b"}, Deadline.after(5))
    seen = ran_in(engine, found)
    assert seen.source == NOT_INSIDE
    assert seen.environment == {"A": "1", "B": SECRET}


def test_an_answer_without_end_is_not_kept(fake: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever plays an engine there cannot fill our memory."""
    monkeypatch.setattr(reader, "MAX_ANSWER", 1 << 20)

    error = listing(fake({"/containers/json": (200, {}, b"[" + b" " * (2 << 20) + b"]")}))

    assert error.message == "the Docker engine answers with more than 1 MiB"


def test_an_engine_that_never_tells_how_it_ended(fake: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given a moment, not for ever."""
    monkeypatch.setattr(inside, "_EXIT_CODE_S", 0.05)
    engine = exec_engine(fake, (200, {}, b""), b'{"ExitCode": null, "Running": true}')
    [found] = engine.containers({"a": "b"}, Deadline.after(5))
    with pytest.raises(CouldNotLook, match="how a program in a container ended"):
        engine.look(found, Deadline.after(5))
