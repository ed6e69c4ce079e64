"""`format: raw` of an env file entry: the reader of `docker run --env-file`, which interprets nothing.

Measured with Compose 2.40.3 (older ones do not know the format).
"""

from preflight.envfile.model import SPACE, Assignment, EnvFileSyntaxError


def parse_raw(text: str) -> tuple[Assignment, ...]:
    """Return all assignments of ``text`` in order; see ``parse_env``."""
    found: list[Assignment] = []
    for number, full in enumerate(text.split("\n"), 1):
        line = full.removesuffix("\r").lstrip(SPACE)
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not name:
            raise EnvFileSyntaxError(number, "no variable name before '='")
        if " " in name or "\t" in name:
            raise EnvFileSyntaxError(number, "a variable name contains a space")
        found.append(Assignment(name, value if equals else None, number))
    return tuple(found)
