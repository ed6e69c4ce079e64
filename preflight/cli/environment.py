"""Variables of the environment that are nearly ours: a misspelt one would be passed over in silence."""

from collections.abc import Iterable, Iterator, Mapping

import click

from preflight.errors import ConfigurationError
from preflight.lib.text import printable

PREFIX = "PREFLIGHT_"

OTHERS = frozenset(
    {
        "PREFLIGHT_COOLIFY_CA_FILE",
        "PREFLIGHT_COOLIFY_TOKEN",
        "PREFLIGHT_COOLIFY_TOKEN_FILE",
        "PREFLIGHT_COOLIFY_URL",
        "PREFLIGHT_GIT_TOKEN",
        "PREFLIGHT_OWN_COMPOSE",
        "PREFLIGHT_SENTINEL",
        "PREFLIGHT_STATE_DIR",
        "PREFLIGHT_UID",
    }
)
"""Names that are no option of a command; tests/preflight/cli/test_environment.py finds them in the code."""


def refuse_misspelt(environ: Mapping[str, str], commands: Iterable[click.Command]) -> None:
    """Refuse a variable that nearly is one of ours; what is far from all of them belongs to somebody else.

    Args:
        environ: The environment of the process.
        commands: All commands; imported only where the environment has a name to compare.

    Raises:
        ConfigurationError: Names the variable and the one that was probably meant.
    """
    ours = {name for name in environ if name.startswith(PREFIX)} - OTHERS
    if not ours:
        return
    import difflib

    known = OTHERS | set(_names(commands))
    for name in sorted(ours - known):
        close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.8)
        if close:
            raise ConfigurationError(
                f"the environment has {printable(name, 80)}, which preflight does not know",
                f"Did you mean {close[0]}? Rename or unset it.",
            )


def _names(commands: Iterable[click.Command]) -> Iterator[str]:
    for command in commands:
        if isinstance(command, click.Group):
            context = click.Context(command)
            inner = (command.get_command(context, name) for name in command.list_commands(context))
            yield from _names(each for each in inner if each is not None)
        for parameter in command.params:
            names = parameter.envvar or ()
            yield from [names] if isinstance(names, str) else names
