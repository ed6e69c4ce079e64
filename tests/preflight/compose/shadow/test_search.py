"""preflight/compose/shadow/search.py: what it finds, with a real Compose; the cases are in tests/cases."""

from pathlib import Path

import pytest

from preflight.compose.shadow.analyse import analyse_shadowing
from preflight.compose.shadow.model import Shadowing, ShadowKind
from preflight.compose.shadow.origins import SourceKind
from preflight.errors import CouldNotLook
from preflight.project import Pin
from tests.checks.shadowing_projects import context_of
from tests.real.compose import COMPOSE_VERSIONS, NEWEST_COMPOSE

IMAGE = "ghcr.io/o/i@sha256:" + "a" * 64
HEAD = "services:\n  app:\n    image: x\n"
LISTED = HEAD + "    env_file:\n      - path: pin.env\n        required: false\n"
VERSIONS = COMPOSE_VERSIONS[1:]
"""Those that know the long form of env_file."""


def look(
    folder: Path, compose: str, *, pin: str | None = f"PIN={IMAGE}\n", version: str = NEWEST_COMPOSE, **more: str
) -> Shadowing:
    """Return what gets at the pin.

    Args:
        folder: Of the test.
        compose: The compose file.
        pin: The pin file; None: it is not there.
        version: Of Compose.
        more: Texts of further env files by name, ``dotenv`` for ``.env``; in upper case, variables of the shell.
    """
    (folder / "compose.yaml").write_text(compose)
    if pin is not None:
        (folder / "pin.env").write_text(pin)
    for name, text in more.items():
        if not name.isupper():
            (folder / (".env" if name == "dotenv" else f"{name}.env")).write_text(text)
    shell = {name: value for name, value in more.items() if name.isupper()}
    one = Pin("PIN", "app", folder / "pin.env")
    return analyse_shadowing(context_of(folder, [one], env=shell, version=version), one)


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_gets_at_the_pin(tmp_path: Path, version: str) -> None:
    """The shell's own value does no harm, and is told."""
    found = look(tmp_path, LISTED, version=version, PIN="other")

    assert (found.shadows, found.read, found.in_shell) == ((), (tmp_path / "pin.env",), True)
    assert (found.own, found.value) == (IMAGE, IMAGE)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("environment", "source", "bare"),
    [
        ("PIN: other", SourceKind.LITERAL, False),
        ("PIN: ${PIN:-other}", SourceKind.DEFAULT, False),
        ("PIN: ${X}", SourceKind.NOTHING, False),
        ("PIN: ${SHELL_VALUE}", SourceKind.SHELL, False),
        ("PIN: ${IN_DOTENV}", SourceKind.FILE, False),
        ("PIN:", SourceKind.NOTHING, True),
    ],
)
def test_environment_overrides_it(
    tmp_path: Path,
    version: str,
    environment: str,
    source: SourceKind,
    bare: bool,
) -> None:
    """With the line, and where the value comes from."""
    text = f"{LISTED}    environment:\n      {environment}\n"

    found = look(tmp_path, text, version=version, dotenv="IN_DOTENV=x\n", SHELL_VALUE="y")

    [shadow] = found.shadows
    assert (shadow.kind, shadow.overrides, shadow.line, shadow.bare) == (ShadowKind.ENVIRONMENT, True, 8, bare)
    assert [each.kind for each in shadow.sources] == [source]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("text", "kind", "overrides"),
    [
        ("OTHER=x\n", None, False),
        ("PIN=other\n", ShadowKind.LATER_FILE, True),
        (f"# same\nPIN={IMAGE}\n", ShadowKind.LATER_FILE, True),
        ("PIN\n", ShadowKind.LATER_BARE, False),
    ],
)
def test_a_later_env_file(tmp_path: Path, version: str, text: str, kind: ShadowKind | None, overrides: bool) -> None:
    """An equal value is one, too; a name without a value waits for the shell's."""
    found = look(tmp_path, f"{LISTED}      - later.env\n", version=version, later=text)

    assert [(each.kind, each.overrides) for each in found.shadows] == ([] if kind is None else [(kind, overrides)])
    assert found.read == (tmp_path / "pin.env", tmp_path / "later.env")


@pytest.mark.parametrize(
    ("compose", "pin", "kind"),
    [
        (HEAD, f"PIN={IMAGE}\n", ShadowKind.NOT_LISTED),
        (LISTED.replace("pin.env", "other/pin.env"), f"PIN={IMAGE}\n", ShadowKind.NOT_LISTED),
        (LISTED, None, ShadowKind.MISSING),
        (LISTED, "OTHER=x\n", ShadowKind.UNDEFINED),
        (LISTED, "PIN\n", ShadowKind.UNDEFINED),
    ],
)
def test_the_pin_file_does_not_feed_it(tmp_path: Path, compose: str, pin: str | None, kind: ShadowKind) -> None:
    """It is not listed, not there, or does not give the variable a value."""
    assert [each.kind for each in look(tmp_path, compose, pin=pin).shadows] == [kind]


@pytest.mark.parametrize(
    ("pin", "more", "overrides"),
    [
        ("PIN=${TAG:-x}\n", {}, False),
        ("PIN=${TAG:-x}\n", {"TAG": "y"}, True),
        ("PIN=${TAG:-x}\n", {"dotenv": "TAG=y\n"}, True),
        ("PIN='${TAG}'\n", {}, None),
    ],
)
def test_a_value_that_names_others(tmp_path: Path, pin: str, more: dict[str, str], overrides: bool | None) -> None:
    """It is open to whoever sets them; in single quotes nothing is interpolated."""
    found = look(tmp_path, LISTED, pin=pin, **more)

    assert [(each.kind, each.overrides) for each in found.shadows] == (
        [] if overrides is None else [(ShadowKind.REFERENCE, overrides)]
    )


def test_a_path_that_a_variable_decides(tmp_path: Path) -> None:
    """Open while it leads to the pin file; not listed once it leads elsewhere."""
    compose = LISTED.replace("pin.env", "${DIR:-.}/pin.env")

    [shadow] = look(tmp_path, compose).shadows
    assert (shadow.kind, shadow.overrides, shadow.names, shadow.line) == (ShadowKind.OPEN_PATH, False, ("DIR",), 5)
    [shadow] = look(tmp_path, compose, DIR="sub").shadows
    assert (shadow.kind, shadow.names) == (ShadowKind.NOT_LISTED, ("DIR",))


def test_a_known_failure_is_not_lost_where_an_env_file_cannot_be_read(tmp_path: Path) -> None:
    """Too large a file, which Compose reads and we do not."""
    (tmp_path / "later.env").write_text("# long\n" * 200_000)
    compose = f"{LISTED}      - later.env\n"
    with pytest.raises(CouldNotLook, match="larger than"):
        look(tmp_path, compose)

    [shadow] = look(tmp_path, f"{compose}    environment:\n      PIN: x\n").shadows

    assert shadow.kind is ShadowKind.ENVIRONMENT
