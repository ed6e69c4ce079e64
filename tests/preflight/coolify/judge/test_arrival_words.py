"""preflight/coolify/judge/arrival_words.py"""

from pathlib import Path

import pytest

from preflight.coolify.host.mode import Mode
from preflight.coolify.judge.arrival_words import arrival_words
from preflight.coolify.judge.next_deployment import Arrival, NextDeployment
from preflight.coolify.judge.parser_rules import Fate
from preflight.coolify.resource import Kind, Resource, Situation
from preflight.project import Pin

PIN = Pin("APP_IMAGE", "web", Path("/x/pin\x1b.env"))
GOOD = {Arrival.ARRIVES, Arrival.FROM_UI}


def words(arrival: Arrival, situation: Situation = Situation.RAW_PRESERVED, wanted: str = "pin.env") -> str:
    """Return what is said of an arrival, and the way out."""
    resource = Resource("abc", Kind.APPLICATION, Path("/data/abc"))
    found = NextDeployment(PIN, resource, Mode(situation, ("a", "b")), Fate.KEPT, arrival, wanted=wanted)
    said = arrival_words(found, str)
    assert bool(said.hint) is (arrival not in GOOD)
    return f"{said.what} -> {said.hint}"


@pytest.mark.parametrize("arrival", [each for each in Arrival if each is not Arrival.REFUSED])
def test_each_arrival_has_words_and_all_but_the_good_ones_a_way_out(arrival: Arrival) -> None:
    """What is refused has words of its own; a name may hold anything."""
    said = words(arrival)
    assert "\x1b" not in said
    assert "deploy again" not in said
    assert "redeploy" not in said


def test_only_a_change_in_coolify_is_told_as_one() -> None:
    """What the repository can fix is not."""
    assert "Preserve Repository on" in words(Arrival.NOT_COPIED, Situation.RAW)
    assert words(Arrival.OVERRIDDEN).endswith("-> Rename the build argument APP_IMAGE of web.")


def test_a_path_that_no_deployment_brings_is_told_from_one_that_it_brings() -> None:
    """An absolute path names a file on the host."""
    assert words(Arrival.ARRIVES) == "brings the pin file -> "
    assert words(Arrival.ARRIVES, wanted="/srv/pin.env") == "reads the pin file on this host -> "
