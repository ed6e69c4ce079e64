"""preflight/__init__.py: the names that an author of checks may rely on."""

import operator
import subprocess
import sys

import pytest

import preflight

CODE = """
import importlib, pkgutil, types, preflight
for module in pkgutil.walk_packages(preflight.__path__, "preflight."):
    if module.name != "preflight.__main__":
        importlib.import_module(module.name)
wrong = [name for name in preflight.__all__ if isinstance(getattr(preflight, name), types.ModuleType)]
print(wrong)
"""


def test_no_name_is_hidden_by_a_module() -> None:
    """Every name of the public API is what it says, whatever was imported before it."""
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_the_public_api_stays_small() -> None:
    """Each name is a promise; forty are enough for an author of checks."""
    assert len(preflight.__all__) <= 40


def test_a_check_loads_no_door_for_its_words() -> None:
    """The types of the doors are there for whoever names one, and cost nobody else anything."""
    code = "import sys; from preflight import Check, Failure, passed; print(*(m for m in sys.modules if 'door' in m))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []

    for name in ("Compose", "Coolify", "Engine", "Git", "Registry"):
        door = getattr(preflight, name)
        assert (door.__name__, door.__module__.rpartition(".")[2]) == (name, "door")


def test_a_name_that_is_not_public_is_refused() -> None:
    """As by any module."""
    with pytest.raises(AttributeError, match="module 'preflight' has no attribute 'Waiver'"):
        operator.attrgetter("Waiver")(preflight)
