"""preflight/coolify/api/values.py: whatever an API sends is either understood or refused, never a traceback."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preflight.coolify.api.values import (
    NotAsDescribed,
    application_of,
    uuid_of,
    variable_of,
)
from preflight.coolify.resource import Kind

NAMES = st.sampled_from(
    [
        *("uuid", "key", "value", "real_value", "is_preview", "is_runtime", "is_shown_once", "is_shared", "settings"),
        *("name", "docker_compose_raw", "is_raw_compose_deployment_enabled", "is_preserve_repository_enabled"),
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6), max_leaves=12
)


@pytest.mark.parametrize("read", [application_of, variable_of])
@settings(max_examples=150, deadline=None)
@given(row=st.dictionaries(NAMES, JSON) | JSON)
def test_any_json(read: Callable[[Any], Any], row: Any) -> None:
    """No JSON is too strange; what is understood has fields of the types they should have."""
    with suppress(NotAsDescribed):
        found = read(row)
        for name, value in vars(found).items():
            assert value is None or isinstance(value, bool if name.startswith(("is_", "raw", "preserve")) else str)


@given(row=st.dictionaries(NAMES, JSON) | JSON)
def test_a_resource_has_a_uuid(row: Any) -> None:
    """Any JSON either is an object with one, or refused."""
    with suppress(NotAsDescribed):
        assert uuid_of(row) == row["uuid"]


@settings(max_examples=50, deadline=None)
@given(row=st.dictionaries(NAMES, JSON))
def test_unknown_counts(row: dict[str, Any]) -> None:
    """A row counts unless the API says plainly that it is for previews or builds only."""
    found = variable_of({**row, "key": "IMAGE"})

    assert found.reaches(Kind.SERVICE) is (found.is_preview is not True)
    assert found.reaches(Kind.APPLICATION) is (found.is_preview is not True and found.is_runtime is not False)
