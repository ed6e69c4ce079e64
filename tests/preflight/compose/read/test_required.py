"""preflight/compose/read/required.py"""

import pytest

from preflight.compose.read.required import Required, read_required


@pytest.mark.parametrize(
    ("value", "is_boolean", "means"),
    [
        (None, False, Required.BY_DEFAULT),
        ("false", True, Required.NO),
        ("FALSE", True, Required.NO),
        ("false", False, Required.NO_AS_TEXT),
        ("off", False, Required.NO_AS_TEXT),
        ("No", False, Required.NO_AS_TEXT),
        ("true", True, Required.YES),
        ("Y", False, Required.YES),
        ("", False, Required.UNKNOWN),
        ("0", False, Required.UNKNOWN),
        (" false", False, Required.UNKNOWN),
        ("falsé", False, Required.UNKNOWN),
    ],
)
def test_what_compose_makes_of_it(value: str | None, means: Required, *, is_boolean: bool) -> None:
    """YAML 1.1's words for true and false, in any case; nothing else."""
    assert read_required(value, is_boolean=is_boolean) is means
