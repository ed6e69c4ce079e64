"""preflight/coolify/judge/parser_refusals.py: what it finds is what the stand-in for Coolify, or Compose, refuses."""

import itertools
from pathlib import Path
from typing import Any

import pytest
import yaml

from preflight.coolify.judge.parser_refusals import find_refusals, row_names
from preflight.coolify.judge.refusal import Refusal, RefusalKind
from preflight.coolify.resource import Situation
from preflight.errors import CouldNotLook
from tests.real.coolify import Application, DeploymentFailed, ServiceStack, rewrite

FILE = "compose.yaml"
MODES = (Situation.DEFAULT, Situation.RAW_PRESERVED, Situation.SERVICE)


def refusals(
    folder: Path, text: str, situation: Situation = Situation.DEFAULT, version: str | None = None
) -> list[Refusal]:
    """What is refused in a file."""
    (folder / FILE).write_text(text)
    return list(find_refusals(folder / FILE, situation, version))


def compose(**body: Any) -> str:
    """A file with one service."""
    return yaml.safe_dump({"services": {"app": {"image": "x", **body}}}, sort_keys=False)


def deployed(text: str, situation: Situation) -> str | None:
    """What the stand-in deploys."""
    if situation is Situation.SERVICE:
        return rewrite.rewrite_stack(ServiceStack(text)).deployed
    app = Application(Path(), raw=situation is Situation.RAW_PRESERVED)
    return (rewrite.rewrite_raw(text, app) if app.raw else rewrite.rewrite_default(text, app, 0)).deployed


UNREADABLE = {
    "a tag": ("services:\n  app:\n    env_file: !reset []\n", 3),
    "another tag": ("services:\n  app: !override {image: x}\n", 2),
    "a tag of YAML's own": ("services:\n  app:\n    image: !!seq [x]\n", 3),
    "a tag outside of the services": ("x-a: !custom b\nservices:\n  app: {image: x}\n", 1),
    "a key twice": ("services:\n  app:\n    image: x\n    image: y\n", 4),
    "a tab": ("services:\n\tapp: {image: x}\n", 2),
    "a second document": ("services:\n  app: {image: x}\n---\nservices: {}\n", 3),
    "no YAML": ("services: [\n", 2),
    "a byte order mark before a comment": ("\ufeff# c\nservices:\n  app: {image: x}\n", 1),
    "a key with a question mark": ("services:\n  app:\n    environment:\n      ? A\n      : b\n", 4),
    "a key in braces without a colon": ("services:\n  app:\n    environment: {A}\n", 3),
    "the same with more keys": ("services:\n  app:\n    environment: {B: c, 'D': [{e}]}\n", 3),
}


@pytest.mark.parametrize("situation", MODES)
@pytest.mark.parametrize("name", UNREADABLE)
def test_what_symfony_refuses_is_named_with_its_line(tmp_path: Path, name: str, situation: Situation) -> None:
    """And the stand-in deploys nothing of it: an empty file, none, or it fails."""
    text, line = UNREADABLE[name]

    (found,) = refusals(tmp_path, text, situation)

    assert found.kind is RefusalKind.UNREADABLE
    assert found.line == line
    try:
        assert deployed(text, situation) in {"services: {  }\n", None}
    except DeploymentFailed:
        assert situation is Situation.RAW_PRESERVED


@pytest.mark.parametrize("situation", MODES)
def test_a_byte_order_mark_hides_the_services(tmp_path: Path, situation: Situation) -> None:
    """To Symfony it is a part of the first key, so that there are no services."""
    text = "\ufeffservices:\n  app: {image: x}\n"

    assert refusals(tmp_path, text, situation) == [
        Refusal(RefusalKind.UNREADABLE, "it begins with a byte order mark", 1)
    ]
    assert (deployed(text, situation) or "").endswith("services: {  }\n")


@pytest.mark.parametrize(
    "text",
    [
        "services:\n  app: {image: x, command: 'what ?', labels: {'a': b, c: }}\n",
        'services:\n  app:\n    environment: {"A":1, B: "c?"}\n    command: |\n      ? a\n',
        "x-a: &a {A: b}\nservices: {app: {image: x, environment: *a}}\n",
    ],
)
def test_a_question_mark_or_a_brace_is_no_key(tmp_path: Path, text: str) -> None:
    """Values hold them, and a key may have a null behind its colon."""
    assert refusals(tmp_path, text) == []


@pytest.mark.parametrize("situation", MODES)
def test_what_the_writer_changes_is_found_at_any_depth(tmp_path: Path, situation: Situation) -> None:
    """Empty lists become maps, and quoted numbers for keys lose their quotes."""
    body = {
        "healthcheck": {"test": []},
        "build": {"context": ".", "args": [], "cache_from": []},
        "sysctls": {"1": 2},
        "x-note": {"a": [], "2": 3},
        "networks": {"n": {"aliases": []}},
    }

    found = refusals(tmp_path, compose(**body), situation)

    assert sorted((each.kind, each.what) for each in found) == [
        (RefusalKind.NUMBER_KEY, "1"),
        *((RefusalKind.EMPTY_LIST, key) for key in ("aliases", "cache_from", "test")),
    ]
    made = yaml.safe_load(deployed(compose(**body), situation) or "")["services"]["app"]
    assert (made["healthcheck"], made["sysctls"]) == ({"test": {}}, {1: 2})


def test_the_sections_behind_the_services_are_rewritten_too(tmp_path: Path) -> None:
    """What stands in them, and their names."""
    text = "services: {}\nvolumes:\n  '1': {}\nnetworks:\n  n:\n    ipam: {config: []}\n"

    assert refusals(tmp_path, text) == [
        Refusal(RefusalKind.NUMBER_KEY, "1", 3),
        Refusal(RefusalKind.EMPTY_LIST, "config", 6),
    ]


def test_a_service_called_by_a_number(tmp_path: Path) -> None:
    """Its name loses its quotes, too."""
    text = "services:\n  '1': {image: x}\n"

    assert refusals(tmp_path, text) == [Refusal(RefusalKind.NUMBER_KEY, "1", 2, "1")]
    assert "  1:\n" in (deployed(text, Situation.DEFAULT) or "")


@pytest.mark.parametrize(
    ("top", "body", "what"),
    [
        ("models: {m: {model: y}}", {"models": ["m"]}, "models"),
        ("models: {m: {model: y}}", {}, None),
        ("include: [other.yaml]", {"depends_on": ["db"]}, "include"),
        ("include: [other.yaml]", {"depends_on": {"db": {"condition": "service_started"}}}, "include"),
        ("include: [other.yaml]", {"depends_on": ["app"]}, None),
        ("include: [other.yaml]", {}, None),
    ],
)
@pytest.mark.parametrize("situation", MODES)
def test_a_top_level_key_that_is_lost_is_named_where_a_service_needs_it(
    tmp_path: Path, situation: Situation, top: str, body: dict[str, Any], what: str | None
) -> None:
    """Raw mode keeps it."""
    text = f"{top}\n{compose(**body)}"

    found = refusals(tmp_path, text, situation)

    is_lost = top.partition(":")[0] not in yaml.safe_load(deployed(text, situation) or "")
    assert [(each.kind, each.what) for each in found] == ([(RefusalKind.LOST, what)] if what and is_lost else [])


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ({"deploy": {"replicas": 2}}, "deploy: replicas"),
        ({"scale": 3}, "scale"),
        ({"deploy": {"replicas": 1}}, None),
        ({"deploy": {"replicas": "${N:-2}"}}, None),
        ({"deploy": {}}, None),
    ],
)
@pytest.mark.parametrize("situation", MODES)
def test_several_containers_cannot_have_one_name(
    tmp_path: Path, situation: Situation, body: dict[str, Any], what: str | None
) -> None:
    """Default mode and stacks name the container; raw mode leaves that to Compose."""
    found = refusals(tmp_path, compose(**body), situation)

    named = "container_name" in yaml.safe_load(deployed(compose(**body), situation) or "")["services"]["app"]
    assert [each.what for each in found] == ([what] if what and named else [])
    assert {each.kind for each in found} <= {RefusalKind.REPLICAS}


@pytest.mark.parametrize(
    "text", ["---\nservices:\n  app: {image: x}\n", "# c\n\n---\nservices: {}\n", "services: {}\n"]
)
def test_one_document_is_read(tmp_path: Path, text: str) -> None:
    """Its start may be marked."""
    assert refusals(tmp_path, text) == []


def values() -> list[str]:
    """Beginnings, contents and ends of values, put together."""
    contents = ("X", "A", "", "1X", "X Y", "X:-d", "X:+y", "X-d", "X:?m", "X?m", "X:-", "X:-${Y}", "X:-${1Y}", "A:-d")
    braced = [f"${{{each}}}" for each in (*contents, "X:-a${Y:-b}c${Z:+d}", "X:-{", "X:-{}", "SERVICE_USER_X:+y")]
    bare = [
        "$X",
        "$A",
        "$$X",
        "$$",
        "$",
        "$X/path",
        "$X-y",
        "$X:-y",
        "$X?y",
        "$1",
        "$X.Y",
        "$SERVICE_X/y",
        "${X",
        "${X:-y",
    ]
    ends = ("", "/path", "-x", "$Y", "${Z}")
    return [f"{start}{end}" for start, end in itertools.product([*braced, *bare], ends)] + ["x$$y", "a${X:+y}", "", "x"]


@pytest.mark.parametrize("situation", MODES)
def test_a_value_is_refused_where_the_parser_fails(tmp_path: Path, situation: Situation) -> None:
    """In every mode, in a list as well as in a map, and for build arguments."""
    for value in values():
        for body in (
            {"environment": {"A": value}},
            {"environment": [f"A={value}"]},
            {"build": {"context": ".", "args": {"A": value}}},
        ):
            text = compose(**body)
            try:
                deployed(text, situation)
                fails = False
            except DeploymentFailed:
                fails = True
            found = refusals(tmp_path, text, situation)
            assert [each.kind for each in found] == [RefusalKind.NO_KEY] * fails, (value, body)
            assert [each.what for each in found] == ["A"] * fails


def test_before_the_keys_were_checked_nothing_failed(tmp_path: Path) -> None:
    """The check came with 4.1.0."""
    text = compose(environment={"A": "$$X"})

    assert refusals(tmp_path, text, version="4.0.0-beta.470") == []
    assert len(refusals(tmp_path, text, version="4.1.0")) == 1
    assert len(refusals(tmp_path, text, version="nightly")) == 1


def test_no_value_is_told(tmp_path: Path) -> None:
    """It may be a secret."""
    (found,) = refusals(tmp_path, compose(environment={"A": "$$hunter2"}))

    assert "hunter2" not in repr(found)


@pytest.mark.parametrize(
    ("environment", "arguments"),
    [
        ({"A": "b"}, ["PIN"]),
        ({"A": "b"}, ["PIN=x"]),
        ({"A": "b"}, {"PIN": "x"}),
        (["A=b"], ["PIN"]),
        (["PIN"], {"A": "x"}),
        ({}, ["PIN"]),
        (None, ["PIN"]),
        (["PIN"], None),
    ],
)
@pytest.mark.parametrize("situation", MODES)
def test_a_bare_name_beside_a_map_gets_a_number(
    tmp_path: Path, situation: Situation, environment: Any, arguments: Any
) -> None:
    """In default mode and in stacks; raw mode merges nothing."""
    text = compose(environment=environment, build={"context": ".", "args": arguments})

    found = refusals(tmp_path, text, situation)

    made = yaml.safe_load(deployed(text, situation) or "")["services"]["app"]["environment"]
    numbered = isinstance(made, dict) and 0 in made
    assert [(each.kind, each.what) for each in found] == [(RefusalKind.NUMBERED, "PIN")] * numbered


@pytest.mark.parametrize(
    "key", ["command", "entrypoint", "volumes", "ports", "profiles", "env_file", "labels", "networks"]
)
@pytest.mark.parametrize("situation", MODES)
def test_an_empty_list_becomes_a_map(tmp_path: Path, key: str, situation: Situation) -> None:
    """Which Compose takes for some keys only; what Coolify writes itself is no list of the repository's."""
    text = compose(**{key: []})

    found = refusals(tmp_path, text, situation)

    made = yaml.safe_load(deployed(text, situation) or "")["services"]["app"][key]
    harms = made == {} and key not in {"labels", "networks"}
    assert [(each.kind, each.what) for each in found] == [(RefusalKind.EMPTY_LIST, key)] * harms


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        ({"a": "b"}, RefusalKind.MAP_LABELS),
        ({"a": "true"}, RefusalKind.MAP_LABELS),
        ({"a": True, "b": "c"}, RefusalKind.NO_LABELS),
        ({}, None),
        (["a=b"], None),
        (None, None),
    ],
)
def test_labels_as_a_map(tmp_path: Path, labels: Any, kind: RefusalKind | None) -> None:
    """Raw mode pushes its labels behind them, or none at all beside the value true; other modes make a list."""
    text = compose(labels=labels)

    found = refusals(tmp_path, text, Situation.RAW_PRESERVED)

    assert [each.kind for each in found] == ([] if kind is None else [kind])
    made = yaml.safe_load(deployed(text, Situation.RAW_PRESERVED) or "")["services"]["app"]["labels"]
    has_numbers = isinstance(made, dict) and 0 in made
    assert has_numbers is (kind is RefusalKind.MAP_LABELS)
    assert ("coolify.managed=true" in (made.values() if isinstance(made, dict) else made)) is (
        kind is not RefusalKind.NO_LABELS
    )
    assert refusals(tmp_path, text) == []


@pytest.mark.parametrize(
    ("key", "value", "names"),
    [
        ("A", "x", ()),
        ("A", "$X", ("X",)),
        ("A", "${A}", ("A",)),
        ("A", "${A:-d}", ("A",)),
        ("A", "${X:-${Y:-${Z}}}-${W}", ("X", "Y")),
        ("A", "$X/y", ("X/y",)),
        ("A", "$X-d", ("X",)),
    ],
)
def test_the_rows_that_are_made_of_a_value(key: str, value: str, names: tuple[str, ...]) -> None:
    """References at its start, and those in the default of that one."""
    assert row_names(key, value) == names


def test_a_file_that_cannot_be_read_is_not_refused(tmp_path: Path) -> None:
    """Nobody knows then."""
    with pytest.raises(CouldNotLook):
        find_refusals(tmp_path / FILE, Situation.DEFAULT, None)
