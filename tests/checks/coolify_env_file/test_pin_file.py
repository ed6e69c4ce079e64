"""checks/coolify_env_file.py: what the pin file demands of the containers."""

import pytest

from preflight.model import Status
from preflight.project import Pin
from preflight.sentinel import arm
from tests.checks.coolify_env_file.stack import AFTER, NEW, SERVICE, VARIABLE, Stack

pytestmark = pytest.mark.engine


def test_the_sentinel_is_demanded_of_every_container(stack: Stack) -> None:
    """An equal value can come from elsewhere; the random one cannot."""
    stack.write()
    stack.up()
    arm(stack.pin)

    assert stack.only().status is Status.WARN
    found = stack.only(options=AFTER)
    assert (found.status, found.code) == (Status.FAIL, "no-sentinel")
    assert found.hint.startswith("Deploy")

    stack.up()
    found = stack.only()
    assert found.status is Status.PASS
    assert "and the sentinel" in found.message


def test_an_equal_value_from_elsewhere_does_not_pass_an_armed_file(stack: Stack) -> None:
    """The container takes the very value from another file: only the sentinel shows it."""
    stack.write(env_file=[], environment={VARIABLE: NEW})
    arm(stack.pin)
    stack.up()

    assert "lacks the sentinel" in stack.only().message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", f"gives {VARIABLE} no value"),
        (f"{VARIABLE}=\n", f"gives {VARIABLE} no value"),
        (f"{VARIABLE}=${{OTHER:-{NEW}}}\n", "depends on other variables"),
        ("A='\n", "is opened and never closed"),
    ],
)
def test_a_pin_file_that_gives_no_value_is_an_error(stack: Stack, text: str, words: str) -> None:
    """There is nothing to compare with, and that is no pass."""
    stack.write()
    stack.pin.write_text(text)

    found = stack.only()

    assert found.status is Status.ERROR
    assert words in found.message


def test_no_pin_file_is_an_error(stack: Stack) -> None:
    """Nothing to compare with."""
    stack.write()
    stack.pin.unlink()

    assert stack.only().status is Status.ERROR


def test_one_pin_that_cannot_be_looked_at_does_not_cost_the_others(stack: Stack) -> None:
    """Each pin has a row of its own."""
    stack.write()
    stack.up()
    pins = (Pin(VARIABLE, SERVICE, stack.root / "none.env"), Pin(VARIABLE, SERVICE, stack.pin))

    assert [finding.status for finding in stack.check(pins=pins)] == [Status.ERROR, Status.PASS]
