"""preflight/__init__.py: the names that an author of checks may rely on."""

import subprocess
import sys

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
