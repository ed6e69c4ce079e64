"""preflight/engine/sdk.py: what it adds to the SDK; the door's tests use it with engines."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from preflight.engine import sdk
from preflight.engine.endpoint import Endpoint
from preflight.engine.problem import Refusal
from preflight.engine.sdk import SdkReader, bounded
from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline


class Answer:
    """What the SDK's HTTP library answers with."""

    def __init__(self, body: bytes, status_code: int = 200, version: str = "") -> None:
        self.body, self.status_code = body, status_code
        self.headers = {"Api-Version": version} if version else {}
        self.ok, self.read = status_code < 400, 0

    def iter_content(self, size: int) -> Iterator[bytes]:
        """Hand it out in pieces."""
        for place in range(0, len(self.body), size):
            self.read += 1
            yield self.body[place : place + size]


class Client:
    """An SDK's client that gets one answer."""

    base_url, api_version, timeout = "http://engine", "1.41", 5

    def __init__(self, answer: Answer) -> None:
        self.answer, self.asked = answer, list[object]()

    @contextmanager
    def get(self, url: str, params: dict[str, str], **_: Any) -> Iterator[Answer]:
        """Ask."""
        self.asked += [url, params]
        yield self.answer


def reader(answer: Answer) -> tuple[SdkReader, list[object]]:
    """Return a reader, and what it asks."""
    client: Any = Client(answer)
    return SdkReader(client), client.asked


def test_an_answer_is_read_up_to_its_limit() -> None:
    """A little more shows that it is too long; the rest is not fetched."""
    answer = Answer(b"x" * (10 * 65536))

    assert len(bounded(answer, 65536)) == 2 * 65536
    assert answer.read == 2
    assert bounded(Answer(b"short"), 65536) == b"short"


def test_json_is_asked_for_by_the_version_of_the_api() -> None:
    """Over TCP, where the socket's own reader does not serve."""
    read, asked = reader(Answer(b'[{"Id": "1"}]'))

    assert read.get("containers/json", all="1") == [{"Id": "1"}]
    assert asked == ["http://engine/v1.41/containers/json", {"all": "1"}]


def test_the_version_is_asked_for_without_one() -> None:
    """A proxy may leave the header out."""
    read, asked = reader(Answer(b"OK", version="1.47"))
    assert read.api_version() == "1.47"
    assert asked[0] == "http://engine/_ping"
    assert reader(Answer(b"OK"))[0].api_version() == ""


def test_a_refusal_has_its_status() -> None:
    """Its words are not shown: they may quote anything."""
    with pytest.raises(Refusal) as raised:
        reader(Answer(b'{"message": "hunter2"}', 403))[0].get("info")
    assert "hunter2" not in str(raised.value)


def test_a_client_that_cannot_be_made_is_the_configurations_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK reads a file that nothing needs, and trips over it."""

    def broken(**_: Any) -> None:
        raise ValueError("hunter2")

    monkeypatch.setattr(sdk, "import_docker", lambda: SimpleNamespace(APIClient=broken))

    with pytest.raises(CouldNotLook) as raised:
        sdk.ask(Endpoint("tcp://127.0.0.1:1", "DOCKER_HOST"), "1.41", Deadline.after(5), lambda *_: None)
    assert "hunter2" not in f"{raised.value.message} {raised.value.hint}"
