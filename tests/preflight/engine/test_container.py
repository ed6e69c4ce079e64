"""preflight/engine/container.py."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.engine.container import (
    Container,
    Details,
    ExecResult,
    from_entries,
    from_lines,
    from_nul_separated,
    parse_time,
    standard_output,
)
from preflight.engine.process_environ import read_environ


def test_entries() -> None:
    """The first of a name counts, as for getenv; what is no entry is passed over."""
    assert from_entries(["A=1", "A=2", "B=x=y", "C", "=", "D="]) == {"A": "1", "B": "x=y", "D": ""}


def test_nul_separated_values_may_have_lines() -> None:
    """And bytes that are no UTF-8."""
    assert from_nul_separated(b"A=one\nB=2\0C=\xff\0") == {"A": "one\nB=2", "C": "\udcff"}


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"A=1\nB=2\n", {"A": "1", "B": "2"}),
        (b"A=1\r\nB=\r\n", {"A": "1", "B": ""}),
        (b"A=1\nsecond line\n", None),
        (b"A=1\nA=2\n", None),
        (b"", None),
    ],
)
def test_lines(data: bytes, found: dict[str, str] | None) -> None:
    """What could be read in two ways is not read at all."""
    assert from_lines(data) == found


def framed(kind: int, data: bytes) -> bytes:
    """Return one frame."""
    return bytes([kind, 0, 0, 0]) + len(data).to_bytes(4, "big") + data


@given(st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=20)), max_size=8))
def test_frames(frames: list[tuple[int, bytes]]) -> None:
    """Only standard output is kept, whole."""
    stream = b"".join(framed(kind, data) for kind, data in frames)
    assert standard_output(stream) == b"".join(data for kind, data in frames if kind == 1)


@pytest.mark.parametrize(
    "stream",
    [b"A=1\0", framed(1, b"A=1\0")[:-1], framed(1, b"A=1\0") + b"\1", framed(3, b"died"), b"\1\0\0\1\0\0\0\1A"],
    ids=["none", "cut-short", "cut-in-head", "unknown-kind", "no-zeros"],
)
def test_what_is_no_stream_of_frames_is_not_read(stream: bytes) -> None:
    """A part of an environment could pass for the whole."""
    assert standard_output(stream) is None


@given(st.binary(max_size=60))
def test_no_stream_makes_a_traceback(stream: bytes) -> None:
    """Whatever the other end sends."""
    assert isinstance(standard_output(stream), bytes | None)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23T19:41:26.753565123Z", datetime(2026, 11, 23, 19, 41, 26, 753565, UTC)),
        ("2026-11-23T19:41:26Z", datetime(2026, 11, 23, 19, 41, 26, 0, UTC)),
        ("2026-11-23T20:41:26.5+01:00", datetime(2026, 11, 23, 19, 41, 26, 500000, UTC)),
        ("2026-11-23T19:41:26", datetime(2026, 11, 23, 19, 41, 26, 0, UTC)),
    ],
)
def test_times(text: str, moment: datetime) -> None:
    """As Docker and Podman write them."""
    assert parse_time(text) == moment


def test_a_listed_container_may_lack_much() -> None:
    """Podman and a dying engine leave fields out."""
    found = Container.from_listing({"Id": "a" * 64, "Created": 0, "Names": None, "Labels": None})
    assert found.name == "a" * 12
    assert found.labels == {}
    assert found.state == ""


def test_secrets_do_not_show_in_representations() -> None:
    """They would end in a log."""
    details = Details("running", datetime.now(UTC), {"PASSWORD": "geheim"})
    executed = ExecResult({"P": "geheim"}, "exec env", read_environ(b"P=geheim\0"))
    assert "geheim" not in repr((details, executed))


def test_whose_processes_a_container_sees() -> None:
    """Podman and old engines leave the fields out."""
    plain = {"State": {"Status": "running"}, "Created": "2026-01-01T00:00:00Z", "Config": {}}
    host = {**plain, "State": {"Status": "running", "Pid": 7}, "HostConfig": {"PidMode": "host"}}
    seen = [Details.from_inspection(each) for each in (plain, host)]
    assert [(each.pid_mode, each.pid) for each in seen] == [("", 0), ("host", 7)]
