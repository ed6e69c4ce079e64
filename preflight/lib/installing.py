"""How preflight, or an optional part of it, is installed: the words of each hint that says so.

No package index has preflight, so each way starts in a checkout of it, as docs/manual/start.md says.
"""


def how_to_install(extra: str = "") -> str:
    """Return the sentence that tells how, also where preflight is installed already.

    Args:
        extra: The optional part that is missing, by its name in pyproject.toml.
    """
    package = f"'.[{extra}]'" if extra else "."
    return f"In a checkout of preflight, run `pipx install --force {package}` or `uv tool install --force {package}`."
