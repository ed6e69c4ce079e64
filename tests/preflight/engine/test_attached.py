"""preflight/engine/attached.py: what is read and what is removed; the tests of its users run real containers."""

from collections.abc import Iterator
from typing import Any

import pytest

from preflight.engine.attached import chunks, left_behind
from preflight.errors import DeadlineExceeded
from preflight.lib.deadline import Deadline

LATE = DeadlineExceeded("too late", "Wait.")


class Output:
    """Prints so often, then ends, breaks off, or is cut by the time limit."""

    def __init__(self, times: int, error: OSError | None = None) -> None:
        self._times, self._error = times, error

    def iter_content(self, _size: int) -> Iterator[bytes]:
        """Print."""
        yield from (b"x" for _ in range(self._times))
        if self._error is not None:
            raise self._error


def test_all_that_is_printed_is_read() -> None:
    """To its end; whoever has enough may leave."""
    assert b"".join(chunks(Output(3), Deadline.after(5), LATE)) == b"xxx"
    assert next(chunks(Output(10**9), Deadline.after(5), LATE)) == b"x"


@pytest.mark.parametrize("output", [Output(10**9), Output(0), Output(1, TimeoutError())])
def test_time_is_up_however_it_shows(output: Output) -> None:
    """It prints on, has ended late, or its silence ran into the time limit of the socket."""
    with pytest.raises(DeadlineExceeded, match="too late"):
        list(chunks(output, Deadline.after(-1), LATE))


def test_a_stream_that_breaks_off_in_time_is_the_engines_fault() -> None:
    """It is not taken for the program's end."""
    with pytest.raises(ConnectionError):
        list(chunks(Output(1, ConnectionError()), Deadline.after(5), LATE))


class Client:
    """An engine with containers."""

    def __init__(self, **labels: str) -> None:
        self.labels, self.asked = labels, dict[str, Any]()

    def containers(self, **options: Any) -> Any:
        """List them."""
        self.asked = options
        return [{"Id": name, "Labels": {"made": value}} for name, value in self.labels.items()] + [
            {"Id": "bare", "Labels": {}}
        ]


def test_only_what_is_old_and_ours_was_left_behind() -> None:
    """A label that is no time says nothing."""
    client: Any = Client(old="99", now="100", later="101", odd="-1", words="yesterday", squared="9²")

    assert list(left_behind(client, "made", 100)) == ["old"]
    assert client.asked == {"all": True, "filters": {"label": ["made"]}}
    assert list(left_behind(client, "made", 100, "created")) == ["old"]
    assert client.asked["filters"]["status"] == ["created"]
