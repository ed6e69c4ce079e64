"""The reference of the public interface: one entry a public name, rendered from its docstring."""

import inspect

import preflight


def page() -> str:
    """Return the page: names in the order of the alphabet, each under the name that users import."""
    entries = "\n\n".join(_entry(name) for name in sorted(preflight.__all__, key=str.lower) if name[0] != "_")
    return f"""# Reference

What the author of a check needs. Import each name from `preflight`.

```{{eval-rst}}
{entries}
```
"""


def _entry(name: str) -> str:
    value = getattr(preflight, name)
    if inspect.isclass(value):
        return f".. autoclass:: {value.__module__}.{name}\n   :members:"
    if inspect.isfunction(value):
        return f".. autofunction:: {value.__module__}.{name}"
    return f".. autodata:: preflight.model.{name}"  # a type alias does not know its module; Json is the only one
