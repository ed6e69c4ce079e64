"""JSON schemas that refuse what they do not describe."""

from typing import Any


def closed(schema: Any) -> Any:
    """Return the schema with every object that has named keys closed to others."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(each) for name, each in schema.items()}
    return (
        {**inner, "additionalProperties": False} if inner.get("type") == "object" and "properties" in inner else inner
    )
