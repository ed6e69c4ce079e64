"""preflight/lib/deadline.py"""

import pytest

from preflight.errors import DeadlineExceeded
from preflight.lib.deadline import Deadline


def test_time_that_is_left() -> None:
    """Always above zero, or an error that names what it was for."""
    assert 0 < Deadline.after(60).remaining("x") <= 60
    assert not Deadline.after(60).expired
    assert Deadline.after(-1).expired
    with pytest.raises(DeadlineExceeded, match="no time left for docker compose config"):
        Deadline.after(-1).remaining("docker compose config")


def test_the_sooner_of_two() -> None:
    """Never later than the one it is made from."""
    late = Deadline.after(60)

    assert late.sooner(1).at < late.at
    assert late.sooner(600) == late
