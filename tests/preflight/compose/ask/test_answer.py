"""preflight/compose/ask/answer.py"""

from pathlib import Path

import pytest

from preflight.compose.ask.answer import EnvFileItem, ServiceAnswer, parse_answer
from preflight.errors import CouldNotLook

HERE = Path("/srv/app")


def service(*paths: str) -> ServiceAnswer:
    """Return a service that Compose says lists these files."""
    return ServiceAnswer("app", {}, tuple(EnvFileItem(path) for path in paths), {})


@pytest.mark.parametrize(
    ("theirs", "ours", "same"),
    [
        (["/srv/app/pin.env", "/srv/app/b.env"], [HERE / "pin.env", HERE / "b.env"], True),
        (["/srv/app/pin.env", "/srv/app/b.env"], [HERE / "b.env", HERE / "pin.env"], False),
        (["/srv/app/pin.env"], [HERE / "pin.env", HERE / "b.env"], False),
        (["/srv/app/${WHICH}.env"], [None], True),
        (["/srv/app/${WHICH}.env"], [HERE / "pin.env"], False),
        (["/srv/app/a$$b.env"], [HERE / "a$b.env"], True),
        (["/srv/a$b/pin.env"], [Path("/srv/a$b/pin.env")], True),
        ([], [], True),
        ([], [HERE / "pin.env"], False),
    ],
)
def test_a_list_of_env_files_is_held_against_composes(
    theirs: list[str], ours: list[Path | None], *, same: bool
) -> None:
    """Order and number count; `$$` stands for `$`, unless Compose was given a folder with a `$` in its name."""
    assert service(*theirs).lists(ours) is same


def test_compose_that_has_merged_the_files_away_does_not_tell() -> None:
    """That is 2.24.1."""
    assert ServiceAnswer("app", {}, None, {}).lists([HERE / "pin.env"]) is None


@pytest.mark.parametrize("data", [None, [], "text", {"services": []}, {"services": "x"}])
def test_what_is_no_project_is_an_error(data: object) -> None:
    """Another program may stand where Compose should."""
    with pytest.raises(CouldNotLook, match="no services in it"):
        parse_answer(data, interpolated=True)


def test_a_project_without_services_is_one() -> None:
    """All of them are switched off; a service that is no mapping is passed over."""
    assert parse_answer({}, interpolated=True).services == {}
    assert parse_answer({"services": None}, interpolated=True).services == {}
    assert parse_answer({"services": {"a": None}}, interpolated=True).services == {}


def test_environment_and_env_files_come_in_several_shapes() -> None:
    """A map or a list; long entries, texts, and values that are no strings."""
    data = {
        "services": {
            "map": {"environment": {"A": "$$x", "B": None, "C": True, "D": 1.5}},
            "list": {"environment": ["A=$$x", "B", "C=a=b"], "env_file": "one.env"},
            "long": {"env_file": [{"path": "a.env", "required": "${R}", "format": None}, {"required": False}, "b.env"]},
        }
    }

    services = parse_answer(data, interpolated=True).services

    assert dict(services["map"].environment) == {"A": "$x", "B": None, "C": "true", "D": "1.5"}
    assert dict(services["list"].environment) == {"A": "$x", "B": None, "C": "a=b"}
    assert services["list"].env_files == (EnvFileItem("one.env"),)
    assert services["long"].env_files == (
        EnvFileItem("a.env", required=None),
        EnvFileItem("", required=False),
        EnvFileItem("b.env"),
    )
    assert services["map"].env_files is None
    assert parse_answer(data, interpolated=False).services["map"].environment["A"] == "$$x"
