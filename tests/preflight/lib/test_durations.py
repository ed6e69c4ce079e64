"""preflight/lib/durations.py."""

import pytest

from preflight.lib.durations import option_value, seconds_of, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90", 90.0),
        ("0", 0.0),
        ("1.5", 1.5),
        ("30s", 30.0),
        ("5m", 300.0),
        ("24h", 86400.0),
        ("90d", 7776000.0),
        ("2w", 1209600.0),
    ],
)
def test_a_duration_is_seconds_or_a_number_with_a_unit(text: str, expected: float) -> None:
    """The unit is one letter; without one, seconds are meant."""
    assert seconds_of(text) == expected


@pytest.mark.parametrize("text", ["", "m", "-5m", "5 m", "5M", "nan", "inf", "1e3", "5min", "٣m", "9" * 40])
def test_anything_else_is_refused_with_what_was_expected(text: str) -> None:
    """No sign, blank, exponent, other alphabet or endless number is guessed at."""
    with pytest.raises(ValueError, match="30s, 5m, 24h, 90d"):
        seconds_of(text)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0s"),
        (0.4, "0s"),
        (12, "12s"),
        (60, "1m"),
        (250, "4m 10s"),
        (3600, "1h"),
        (3605, "1h"),
        (5400, "1h 30m"),
        (183600, "2d 3h"),
        (86430, "1d"),
        (-3, "0s"),
    ],
)
def test_a_person_reads_the_two_largest_units(seconds: float, expected: str) -> None:
    """A unit of nought is left out."""
    assert words(seconds) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"), [(90, "90s"), (300, "5m"), (129600, "36h"), (604800, "7d"), (0, "0s"), (0.5, "0.5s")]
)
def test_an_option_gets_a_value_it_can_read(seconds: float, expected: str) -> None:
    """One unit, the largest that leaves no remainder."""
    assert option_value(seconds) == expected
    assert seconds_of(expected) == seconds
