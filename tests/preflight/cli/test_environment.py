"""preflight/cli/environment.py"""

import re
from pathlib import Path

import click
import pytest

from preflight.cli import cli
from preflight.cli.environment import OTHERS, _names, refuse_misspelt
from preflight.errors import ConfigurationError

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("PREFLIGHT_TIMEUOT", "PREFLIGHT_TIMEOUT"),
        ("PREFLIGHT_STAGES", "PREFLIGHT_STAGE"),
        ("PREFLIGHT_COLIFY_TOKEN", "PREFLIGHT_COOLIFY_TOKEN"),
    ],
)
def test_a_misspelt_name_is_refused(name: str, meant: str) -> None:
    """Like a misspelt key of the configuration: it would be passed over in silence."""
    with pytest.raises(ConfigurationError) as refused:
        refuse_misspelt({name: "x"}, [cli])

    assert name in refused.value.message
    assert meant in refused.value.hint


def test_other_names_are_left_alone() -> None:
    """What is right, and what is somebody else's."""
    refuse_misspelt({"PREFLIGHT_TIMEOUT": "5", "PREFLIGHT_LAUNCH_PAD": "x", "PATH": "/bin"}, [cli])


def test_every_name_in_the_code_is_known() -> None:
    """A name that the code reads, and this list lacks, would be refused."""
    known = OTHERS | set(_names([cli]))
    for file in [*(ROOT / "preflight").rglob("*.py"), *(ROOT / "checks").glob("*.py")]:
        for name in re.findall(r"\"(PREFLIGHT_[A-Z_]*[A-Z])\"", file.read_text(encoding="utf-8")):
            assert name in known, f"{file}: {name}"


def test_nothing_is_imported_without_need() -> None:
    """An environment without such names costs nothing."""

    class Untouchable(click.Command):
        @property
        def params(self) -> list[click.Parameter]:
            raise AssertionError

        @params.setter
        def params(self, value: list[click.Parameter]) -> None:
            pass

    refuse_misspelt({"PATH": "/bin", "PREFLIGHT_STATE_DIR": "/x"}, [Untouchable("x")])
