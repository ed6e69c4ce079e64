"""The variable that `preflight sentinel` puts on top of a pin file."""

from preflight.envfile import EnvFile, parse_env

SENTINEL = "PREFLIGHT_SENTINEL"


def differs_by_sentinel(file: EnvFile, committed: str) -> bool:
    """Whether a pin file says the same as the committed text, except for the sentinel.

    Args:
        file: The pin file.
        committed: The text of the last commit; empty for none.

    Raises:
        EnvFileSyntaxError: Compose would refuse the committed text.
    """
    rest = [(each.name, each.value) for each in file.assignments if each.name != SENTINEL]
    before = [(each.name, each.value) for each in parse_env(committed)]
    return file.last(SENTINEL) is not None and rest == before
