"""preflight/hook/command.py."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from preflight.errors import ConfigurationError
from preflight.hook.command import Order, inside, read_opening, surroundings

NOW = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)


def test_without_words_the_gate_is_not_open() -> None:
    """Neither option, no opening."""
    assert read_opening("", "", NOW) is None


@pytest.mark.parametrize("until", ["2026-11-23T23:00Z", "2026-11-23T23:00", "2026-11-24T00:00+01:00"])
def test_an_opening_ends(until: str) -> None:
    """A moment without a time zone is one of UTC."""
    opening = read_opening(until, "outage", NOW)
    assert opening is not None
    assert opening.until == NOW + timedelta(hours=1)
    assert opening.holds(NOW)
    assert not opening.holds(NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    ("until", "reason", "words"),
    [
        ("2026-11-23T23:00Z", "", "go together"),
        ("2026-11-23T23:00Z", "  ", "go together"),
        ("", "outage", "go together"),
        ("tomorrow", "outage", "is no moment"),
        ("2027-11-23", "outage", "more than 7 days ahead"),
    ],
)
def test_an_opening_that_makes_no_sense_is_refused(until: str, reason: str, words: str) -> None:
    """A gate that stays open for ever, or for no reason, is none."""
    with pytest.raises(ConfigurationError, match=words) as raised:
        read_opening(until, reason, NOW)
    assert raised.value.hint


def test_all_that_opens_the_gate_is_named() -> None:
    """Each in words that tell which option it was."""
    opening = read_opening("2026-11-23T23:00Z", "outage", NOW)
    order = Order(
        Path("/x"), only=("a",), skip=("b", "c"), allow=("d",), allow_unreachable_registry=True, opening=opening
    )
    assert order.opened_by(NOW) == (
        "--only a",
        "--skip b,c",
        "--allow d",
        "--allow-unreachable-registry",
        "open until 2026-11-23 23:00 UTC (outage)",
    )
    assert order.opened_by(NOW + timedelta(hours=2))[-1] == "--allow-unreachable-registry"
    assert Order(Path("/x")).opened_by(NOW) == ()


def test_what_the_environment_opens_is_named_with_its_variable() -> None:
    """Nobody would look for it in the command: in default mode it may be a variable of Coolify's UI."""
    opening = read_opening("2026-11-23T23:00Z", "outage", NOW)
    names = ("allow_unreachable_registry", "config", "open_until", "skip")
    order = Order(
        Path("/x"), skip=("b",), allow=("d",), allow_unreachable_registry=True, opening=opening, config=Path("/c.yaml")
    )
    assert replace(order, from_environ=names).opened_by(NOW) == (
        "--skip b (PREFLIGHT_SKIP in the environment)",
        "--allow d",
        "--config /c.yaml (PREFLIGHT_CONFIG in the environment)",
        "--allow-unreachable-registry (PREFLIGHT_ALLOW_UNREACHABLE_REGISTRY in the environment)",
        "open until 2026-11-23 23:00 UTC (outage) (PREFLIGHT_OPEN_UNTIL in the environment)",
    )
    assert "--config" not in str(order.opened_by(NOW)), "in the command everybody sees it"


def test_what_the_environment_says_of_what_is_judged_is_named() -> None:
    """By variable: an address may hold a password."""
    names = ("base_directory", "branch", "depth", "reuse", "state_dir", "timeout")
    order = Order(Path("/x"), repository="/r", branch="main", base_directory="", depth=9, from_environ=names)
    assert order.set_by_environment() == ("PREFLIGHT_BRANCH", "PREFLIGHT_DEPTH", "PREFLIGHT_REUSE")
    assert replace(order, from_environ=()).set_by_environment() == ()


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (Order(Path("/x"), checkout=Path("/c"), from_environ=("checkout",)), "PREFLIGHT_CHECKOUT in the environment"),
        (Order(Path("/x"), checkout=Path("/c"), repository="/r"), "--checkout judges a folder, --repository names"),
        (Order(Path("/x"), checkout=Path("/c"), commit="1" * 40), "--checkout judges a folder, --commit names"),
        (
            Order(Path("/x"), checkout=Path("/c"), repository="/r", from_environ=("repository",)),
            r"--repository \(PREFLIGHT_REPOSITORY in the environment\) names",
        ),
    ],
)
def test_two_things_to_judge_are_refused(order: Order, words: str) -> None:
    """Nobody could tell which of them the verdict is about."""
    with pytest.raises(ConfigurationError, match=words) as raised:
        order.refuse_contradictions()
    assert raised.value.hint


def test_one_thing_to_judge_is_not_refused() -> None:
    """A folder, with the branch's name for the line; or what is fetched."""
    Order(Path("/x"), checkout=Path("/c"), branch="main", from_environ=("branch",)).refuse_contradictions()
    Order(Path("/x"), repository="/r", branch="main").refuse_contradictions()


@pytest.mark.parametrize(
    ("text", "path"),
    [("/docker", "docker"), ("docker/", "docker"), ("/", ""), ("", ""), ("/a//b/./c", "a/b/c"), ("/x%2Dy", "x%2Dy")],
)
def test_a_path_of_coolifys_fields_is_understood(text: str, path: str) -> None:
    """They begin at the root of the repository."""
    assert inside(text, "--base-directory") == path


@pytest.mark.parametrize("text", ["/..", "a/../../b", "a\0b"])
def test_a_path_that_leads_out_is_refused(text: str) -> None:
    """However it is written."""
    with pytest.raises(ConfigurationError, match="leads out of the repository"):
        inside(text, "--base-directory")


def test_only_what_up_has_too_is_handed_on() -> None:
    """The variables of Coolify's UI, which every container has in default mode, are no shell's."""
    kept = {"PATH": "/bin", "PREFLIGHT_X": "1", "DOCKER_HOST": "x", "https_proxy": "p", "COOLIFY_BRANCH": "main"}
    assert surroundings({**kept, "IMAGE": "x", "DB_PASSWORD": "y", "HOSTNAME": "z"}) == kept
