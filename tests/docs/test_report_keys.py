"""docs/made/report_keys.py: the tables have each key of the schema, and refuse one without a description."""

import json

import pytest

from docs.made.report_keys import HISTORY, SCHEMA, report_keys


def test_each_kind_of_type_has_words() -> None:
    """Rows as the manual shows them."""
    tables = report_keys()

    assert "| `schema` | `preflight/1` | " in tables
    assert "| `stage` | one of `before`, `after` | " in tables
    assert "| `dirty` | true, false or null | " in tables
    assert "| `pins` | list of pins | " in tables
    assert "| `summary.waived` | whole number | " in tables
    assert "| `location` | object or null | " in tables
    assert "| `location.line` | whole number or null | " in tables
    assert "| Key of a finding | Type | Means |" in tables


def test_words_of_the_history() -> None:
    """What the report has not."""
    tables = report_keys(HISTORY)

    assert "| `series` | list of series | " in tables
    assert "| `before` | one of `warn`, `fail`, `error`, null | " in tables


def test_a_key_without_a_description_is_refused() -> None:
    """`make docs` and the docs check stop, so nobody forgets it."""
    schema = json.loads(json.dumps(SCHEMA))
    schema["$defs"]["check"]["properties"]["weight"] = {"type": "number"}

    with pytest.raises(SystemExit, match=r"schema\.json: weight has no description"):
        report_keys(schema)
