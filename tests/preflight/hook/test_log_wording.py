"""preflight/hook/log_wording.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.hook.log_wording import is_taken_for_ssh, one_line

RETRIED = (
    "kex_exchange_identification",
    "Connection reset by peer",
    "Connection refused",
    "Connection timed out",
    "Connection closed by remote host",
    "ssh_exchange_identification",
    "Bad file descriptor",
    "Broken pipe",
    "No route to host",
    "Network is unreachable",
    "Host is down",
    "No buffer space available",
    "Connection reset by",
    "Permission denied, please try again",
    "Received disconnect from",
    "Disconnected from",
    "Lost connection",
    "Timeout, server not responding",
    "Cannot assign requested address",
    "Network is down",
    "Host key verification failed",
    "Operation timed out",
    "Connection closed unexpectedly",
    "Remote host closed connection",
    "Authentication failed",
    "Too many authentication failures",
    "SSH command failed with exit code: 255",
)
"""What Coolify looks for, in any case."""


def retried(line: str) -> bool:
    """Tell what Coolify would do with a line: compare it, in lower case, with each of its texts."""
    return any(text.lower() in line.lower() for text in RETRIED)


@pytest.mark.parametrize("text", RETRIED)
@pytest.mark.parametrize("change", [str, str.upper, str.lower, str.title])
def test_each_text_is_said_in_other_words(text: str, change: "type[str]") -> None:
    """No text that makes Coolify run the hook again is printed, in whatever case it comes."""
    said = one_line(f"ghcr.io: {change(text)} (docker/pin.env:2)", 500)
    assert not retried(said)
    assert said.startswith("ghcr.io: ")
    assert said.endswith("(docker/pin.env:2)")
    assert len(said) > len("ghcr.io:  (docker/pin.env:2)")


@pytest.mark.parametrize(
    "text", ["Connection to 10.0.0.1 closed", "ssh: connect to host a.b port 22: Connection is gone"]
)
def test_texts_that_coolify_wrote_as_patterns_are_avoided_too(text: str) -> None:
    """It compares them as plain texts today; a later version may not."""
    assert is_taken_for_ssh(text)
    assert not is_taken_for_ssh(one_line(text, 500))


def test_other_lines_stay_as_they_are() -> None:
    """What Coolify does not look for is not touched."""
    line = "env-shadowing: environment: of application-server beats the pin file -> Delete it."
    assert one_line(line, 500) == line


def test_a_text_broken_over_lines_is_found() -> None:
    """White space is made one space before the comparison, so that nothing slips through."""
    assert not retried(one_line("connection\n  refused", 500))


@given(
    st.lists(st.sampled_from([*RETRIED, "con", "nection ", " refused", "lost ", " ", "to x closed", "a"]), max_size=8)
)
def test_no_combination_slips_through(parts: list[str]) -> None:
    """What stands in the place of one text never makes another with the words around it."""
    said = one_line("".join(parts), 1000)
    assert not retried(said)
    assert "\n" not in said


def test_a_long_line_is_cut() -> None:
    """A summary has an end."""
    assert len(one_line("word " * 1000, 200)) <= 200


def test_what_cannot_be_said_in_other_words_is_not_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last resort; the report has the whole of it."""
    monkeypatch.setattr("preflight.hook.log_wording._MAX_ROUNDS", 0)
    said = one_line("connection refused", 500)
    assert not retried(said)
    assert "the report" in said
