"""preflight/compose/ask/coolify_keys.py: what Coolify takes out of a compose file before Compose reads it."""

import tempfile
from pathlib import Path

import pytest

from preflight.compose.ask.coolify_keys import copies_without_own_keys
from preflight.lib.yamlfile import read_compose_documents
from preflight.lib.yamlnodes import Mapping, Node, Scalar
from preflight.project import Pin
from tests.checks.shadowing_case import DEV, PINNED
from tests.checks.shadowing_projects import Judged, context_of, judge, write

_LONG = "{type: bind, source: ./a, target: /a, content: hi, is_directory: true, isDirectory: true}"
_KEYS = f"exclude_from_hc: true, volumes: [{_LONG}]"
_SERVICE = "services: {app: {%s}}\n"


def _judged(folder: Path, compose: str, *, strips: bool, version: str = "2.40.3", **more: str) -> Judged:
    write(folder, {"pin.env": f"PIN={PINNED}\n", "compose.yaml": compose, **more})
    args = ("-f", "compose.yaml", *(word for name in more if name.endswith(".yaml") for word in ("-f", name)))
    context = context_of(folder, [Pin("PIN", "app", folder / "pin.env")], args=args, version=version)
    context.doors.compose.follow_coolify(lambda _: strips)
    return judge(context)


@pytest.mark.compose
@pytest.mark.parametrize("version", ["2.40.3", "2.24.1"])
def test_where_coolify_takes_them_out_the_pin_is_judged(version: str, tmp_path: Path) -> None:
    """Relative paths still begin at the project's folder, and the answer says that keys were left out."""
    judged = _judged(tmp_path, _SERVICE % f"image: x, env_file: [pin.env], {_KEYS}", strips=True, version=version)

    assert judged.verdict == "pass"
    assert "Coolify has taken out its own keys" in judged.words
    assert not list(Path(tempfile.gettempdir()).glob("preflight-compose-*"))


@pytest.mark.compose
@pytest.mark.parametrize(
    ("body", "more", "code", "place"),
    [
        ("env_file: [pin.env, o.env], exclude_from_hc: true", {"o.env": "PIN=x\n"}, "later-file", "o.env:1"),
        ("env_file: [pin.env], environment: [PIN=x], exclude_from_hc: true", {}, "environment", "compose.yaml:1"),
        ("env_file: ['${E:-pin.env}'], exclude_from_hc: true", {}, "open-path", "compose.yaml:1"),
        ("env_file: [pin.env]", {"b.yaml": f"environment: {{PIN: {DEV}}}, {_KEYS}"}, "environment", "b.yaml:1"),
    ],
)
def test_what_overrides_the_pin_is_still_found(
    body: str, more: dict[str, str], code: str, place: str, tmp_path: Path
) -> None:
    """In the repository's own files, with their lines."""
    files = {name: _SERVICE % text if name.endswith(".yaml") else text for name, text in more.items()}

    [finding] = _judged(tmp_path, _SERVICE % f"image: x, {body}", strips=True, **files).findings

    assert (finding.code, str(finding.location)) == (code, place)


@pytest.mark.compose
@pytest.mark.parametrize(
    ("body", "strips"),
    [
        (_KEYS, False),
        ("content: x", True),
        (f"volumes: [{_LONG}], privileged: {{}}", True),
        ("exclude_from_hc: *none", True),
    ],
)
def test_what_compose_would_refuse_still_fails(body: str, strips: bool, tmp_path: Path) -> None:
    """Raw mode takes nothing out; in default mode a key at another place, and what is wrong besides, remain."""
    compose = f"services:\n  app: {{image: x, env_file: [pin.env], {body}}}\n"

    [finding] = _judged(tmp_path, compose, strips=strips).findings

    assert (finding.status.value, finding.code) == ("fail", "refused")
    assert str(finding.location) == "compose.yaml:2"


def test_only_coolifys_keys_go(tmp_path: Path) -> None:
    """A variable, a label or an anchor of the same name stays, in every document; tags and quotes do, too."""
    file = tmp_path / "compose.yaml"
    file.write_text(
        "x-a: &a {exclude_from_hc: true, environment: {exclude_from_hc: 'yes', content: 012}}\n"
        "services:\n  app:\n    <<: [*a]\n    env_file: !override [pin.env]\n"
        "---\nservices: {app: {exclude_from_hc: false, volumes: ['./a:/a', {target: /a, content: 'x y'}]}}\n"
    )

    with copies_without_own_keys([file]) as [copy]:
        first, second = read_compose_documents(copy)

    app = _at(first, "services", "app")
    assert set(app.items) == {"environment", "env_file"}
    environment = {name: item.value for name, item in _at(app, "environment").items.items()}
    assert {name: value.text for name, value in environment.items() if isinstance(value, Scalar)} == {
        "exclude_from_hc": "yes",
        "content": "012",
    }
    assert app.items["env_file"].value.tag == "!override"
    assert set(_at(second, "services", "app").items) == {"volumes"}
    assert "content" not in str(second)


def _at(node: Node, *keys: str) -> Mapping:
    for key in keys:
        assert isinstance(node, Mapping)
        node = node.items[key].value
    assert isinstance(node, Mapping)
    return node
