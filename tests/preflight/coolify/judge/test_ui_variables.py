"""preflight/coolify/judge/ui_variables.py"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from preflight.coolify.judge.ui_reach import UiEffect
from preflight.coolify.judge.ui_variables import UiLook, UiPinState, UiWhen, look_at_ui, token_caution
from preflight.errors import CouldNotLook, DoesNotApply
from tests.fakes.coolify_api import TOKEN, FakeCoolify, Token, variable
from tests.fakes.coolify_host import ENTRY, NEW, OLD, SECRET, UUID, VARIABLE, Host

SENSITIVE = Token(frozenset({"read", "read:sensitive"}))


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """A server and a checkout."""
    return Host(tmp_path)


@pytest.fixture
def api(host: Host) -> Iterator[FakeCoolify]:
    """Coolify's API with a token that sees values."""
    with FakeCoolify(tokens={TOKEN: SENSITIVE}) as one:
        host.environ |= one.environ
        yield one


def look(host: Host) -> UiLook:
    """Find out what the UI does; nothing of it may show the secret."""
    ctx = host.context()
    found = look_at_ui(ctx, ctx.pins[0])
    assert SECRET not in repr(found)
    return found


def env(host: Host, text: str, kind: str = "applications") -> None:
    """Write the ``.env`` of the last deployment."""
    (host.home(kind=kind) / ".env").write_text(text)


def test_nothing_of_the_ui_gets_at_the_pin(host: Host) -> None:
    """Raw mode gives variables to interpolation only."""
    host.deploy(raw=True, copied=True)
    env(host, f"{VARIABLE}={OLD}\n")

    found = look(host)

    assert (found.shadows, found.is_set, found.last, found.coming) == ((), True, None, None)


@pytest.mark.parametrize(
    ("deployed", "effect"),
    [
        ({}, UiEffect.ONLY_SOURCE),
        ({"stack": True, "copied": True}, UiEffect.OVERRIDES),
        ({"raw": True, "copied": True, "environment": {VARIABLE: f"${{{VARIABLE}}}"}}, UiEffect.INTERPOLATED),
    ],
    ids=["default", "stack", "raw"],
)
@pytest.mark.parametrize(("value", "is_equal"), [(NEW, True), (OLD, False), ("", False)])
def test_a_variable_that_gets_at_the_pin(
    host: Host,
    deployed: dict[str, Any],
    effect: UiEffect,
    value: str,
    is_equal: bool,
) -> None:
    """What it does depends on the mode; that it is equal today is told."""
    host.deploy(**deployed)
    env(host, f"{VARIABLE}={value}\n", "services" if "stack" in deployed else "applications")

    found = look(host)

    [shadow] = found.shadows
    assert (shadow.name, shadow.effect, shadow.when, shadow.is_own) == (VARIABLE, effect, UiWhen.NOW, False)
    assert found.is_equal is is_equal
    assert shadow.made_by_coolify is (effect is UiEffect.INTERPOLATED and value == "")


@pytest.mark.parametrize(
    ("last", "now", "when"),
    [
        (f"{VARIABLE}={OLD}\n", (variable(VARIABLE, OLD),), UiWhen.NOW),
        ("HOST=x\n", (variable(VARIABLE, OLD),), UiWhen.COMING),
        (f"{VARIABLE}={OLD}\n", (), UiWhen.LEAVING),
    ],
)
def test_since_when(host: Host, api: FakeCoolify, last: str, now: tuple[Any, ...], when: UiWhen) -> None:
    """``.env`` tells of the last deployment, the API of the next."""
    host.deploy()
    env(host, last)
    api.add_application(UUID, *now)

    assert [each.when for each in look(host).shadows] == [when]


def test_variables_that_coolify_sets_itself_count_without_being_seen(host: Host) -> None:
    """A pin's value that names one is open to it."""
    host.write_pin(f"ghcr.io/example/agent:${{COOLIFY_BRANCH}}@{NEW.partition('@')[2]}")
    host.deploy(raw=True, copied=True)

    [shadow] = look(host).shadows

    assert (shadow.name, shadow.effect, shadow.known, shadow.is_own) == (
        "COOLIFY_BRANCH",
        UiEffect.REFERENCED,
        None,
        True,
    )


def test_nothing_deployed(host: Host, api: FakeCoolify) -> None:
    """Without the API it does not apply; with it, what is coming is judged."""
    host.settings["application"] = UUID
    host.home()
    environ = dict(host.environ)
    host.environ.clear()
    with pytest.raises(DoesNotApply, match="never deployed here"):
        look(host)

    host.environ |= environ
    api.add_application(UUID, variable(VARIABLE, OLD))
    assert [(each.effect, each.when) for each in look(host).shadows] == [(UiEffect.ONLY_SOURCE, UiWhen.COMING)]


def test_what_cannot_be_seen_is_an_error_where_it_matters(host: Host) -> None:
    """A preview's ``.env`` tells nothing of production: no trouble in raw mode, one where ``.env`` is read."""
    host.deploy(raw=True, copied=True)
    env(host, "SERVICE_NAME_APP=app-pr-3\n")
    assert look(host).shadows == ()

    host.deploy()
    env(host, "SERVICE_NAME_APP=app-pr-3\n")
    with pytest.raises(CouldNotLook, match="no evidence about production"):
        look(host)


@pytest.mark.parametrize(
    ("text", "state"),
    [
        (f"{VARIABLE}={NEW}\n", UiPinState.EQUAL),
        (f"{VARIABLE}={OLD}\n", UiPinState.OTHER),
        (f"{VARIABLE}=\n", UiPinState.BLANK),
        ("HOST=x\n", UiPinState.ABSENT),
        (f"{VARIABLE}={{{{team.IMAGE}}}}\n", UiPinState.UNRESOLVED),
    ],
)
def test_the_pin_in_the_ui(host: Host, text: str, state: UiPinState) -> None:
    """With ``pin_in: ui`` the rule is turned round: it must be there, and say what the file says."""
    host.settings["pin_in"] = "ui"
    host.deploy()
    env(host, text)

    assert (look(host).last, look(host).coming) == (state, None)


@pytest.mark.parametrize(
    ("environment", "state"),
    [
        ({VARIABLE: f"${{{VARIABLE}}}"}, UiPinState.EQUAL),
        ({VARIABLE: "${NAME}@${DIGEST}"}, UiPinState.EQUAL),
        ({VARIABLE: NEW}, UiPinState.EQUAL),
        ({VARIABLE: OLD}, UiPinState.OVERRIDDEN),
        ({VARIABLE: "${NAME:?"}, UiPinState.OVERRIDDEN),
    ],
    ids=str,
)
def test_the_pin_in_the_ui_through_environment(host: Host, environment: dict[str, str], state: UiPinState) -> None:
    """What the deployed entry makes of the UI's variables counts."""
    name, _, digest = NEW.partition("@")
    host.settings["pin_in"] = "ui"
    host.deploy(environment=environment)
    env(host, f"{VARIABLE}={NEW}\nNAME={name}\nDIGEST={digest}\n")

    assert look(host).last is state


def test_the_pin_in_the_ui_reaches_no_container(host: Host) -> None:
    """Raw mode without an entry that takes it."""
    host.settings["pin_in"] = "ui"
    host.deploy(raw=True, copied=True, env_file=[ENTRY])
    env(host, f"{VARIABLE}={NEW}\n")

    assert look(host).last is UiPinState.NOT_REACHING


def test_the_pin_in_the_ui_is_hidden(host: Host, api: FakeCoolify) -> None:
    """A token without read:sensitive sees that it is there, and no more."""
    api.tokens[TOKEN] = Token()
    api.add_application(UUID, variable(VARIABLE, NEW))
    host.settings["pin_in"] = "ui"
    host.deploy()
    env(host, f"{VARIABLE}={NEW}\n")

    assert (look(host).last, look(host).coming) == (UiPinState.EQUAL, UiPinState.HIDDEN)


def test_the_file_of_the_token_is_open_to_others(host: Host, api: FakeCoolify) -> None:
    """The caution comes with the API; without one there is none."""
    token = host.folder / "token"
    token.write_text(TOKEN)
    token.chmod(0o644)
    host.environ.pop("PREFLIGHT_COOLIFY_TOKEN")
    host.settings |= {"url": api.url, "token_file": token}

    assert str(token) in token_caution(host.context())
    token.chmod(0o600)
    assert token_caution(host.context()) == ""
    host.settings.clear()
    host.environ.clear()
    assert token_caution(host.context()) == ""


@pytest.mark.parametrize(
    ("environment", "state"),
    [({}, UiPinState.EQUAL), ({VARIABLE: f"${{{VARIABLE}}}"}, UiPinState.BLANK), ({VARIABLE: None}, UiPinState.BLANK)],
    ids=str,
)
def test_a_value_that_names_a_later_row(host: Host, environment: dict[str, Any], state: UiPinState) -> None:
    """The container gets it from ``.env``; what `environment:` takes is blank, since that is interpolated before."""
    host.settings["pin_in"] = "ui"
    host.deploy(environment=environment)
    env(host, f"{VARIABLE}=$LATER\nLATER={NEW}\n")

    assert look(host).last is state


def test_a_malformed_value(host: Host, api: FakeCoolify) -> None:
    """It is the UI's to correct, whether ``.env`` or the API tells of it."""
    api.add_application(UUID, variable(VARIABLE, "${"))
    host.settings["pin_in"] = "ui"
    host.deploy()
    env(host, f"{VARIABLE}={NEW}\n")
    assert look(host).coming is UiPinState.BROKEN

    env(host, f"HOST=x\n{VARIABLE}=${{\n")
    with pytest.raises(CouldNotLook, match="cannot be interpolated") as caught:
        look(host)
    assert caught.value.hint.startswith(f"Correct the variable {VARIABLE} in Coolify's UI")
