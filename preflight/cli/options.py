"""Options that commands share, each also readable from the environment as PREFLIGHT_ and its name."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from preflight.errors import ConfigurationError
from preflight.lib.durations import seconds_of, words

if TYPE_CHECKING:
    from preflight.run.config import Configuration

F = TypeVar("F", bound=Callable[..., Any])

_DAY_S = 86400.0
YEAR_S = 366 * _DAY_S


def option(*names: str, **attributes: Any) -> Callable[[F], F]:
    """A click option that is also read from ``PREFLIGHT_<NAME>``; its ``--help`` says so.

    The longest of ``names`` gives the variable's name; ``envvar=`` overrides it.
    """
    longest = max((name for name in names if name.startswith("--")), key=len).split("/")[0]
    attributes.setdefault("envvar", "PREFLIGHT_" + longest.lstrip("-").replace("-", "_").upper())
    attributes.setdefault("show_envvar", True)
    return click.option(*names, **attributes)


def not_empty(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> str:
    """Refuse an empty text, e.g. of a shell variable that is not set: it must not mean the default."""
    if value is not None and not value.strip():
        raise click.BadParameter("it is empty; give it a value, or leave the option out.")
    return value or ""


class Duration(click.ParamType[float]):
    """Seconds, written as a number or with a unit: ``90``, ``5m``.

    Args:
        longest_s: What is accepted at most: a day, where nobody means more.
        positive: 0 is refused.
        shortest_s: What is accepted at least.
    """

    name = "duration"

    def __init__(self, longest_s: float = _DAY_S, *, positive: bool = False, shortest_s: float = 0) -> None:
        self.longest_s, self.positive, self.shortest_s = longest_s, positive, shortest_s

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return it in seconds."""
        try:
            seconds = float(value) if isinstance(value, int | float) else seconds_of(str(value))
        except ValueError as error:
            self.fail(f"{str(value)[:40]!r}: {error}", param, ctx)
        if not self.shortest_s <= seconds <= self.longest_s:  # nan is not
            shortest = words(self.shortest_s) if self.shortest_s else "0"
            self.fail(f"{str(value)[:40]!r} is not between {shortest} and {words(self.longest_s)}.", param, ctx)
        if self.positive and not seconds:
            self.fail("it must be more than 0.", param, ctx)
        return seconds


def load_configuration(ctx: click.Context, _parameter: click.Parameter, value: Path | None) -> Any:
    """Read the configuration before any other option, so that it can hand them their defaults.

    A file the operator named is trusted; one that was merely found in the checkout is not.
    """
    from preflight.lib.files import show_path
    from preflight.run.config import Configuration, find_config, read_config

    found = value or find_config(Path.cwd())
    if found is None:
        configuration = Configuration(None, Path.cwd())
    else:
        configuration = read_config(Path(show_path(found, Path.cwd())), trusted=value is not None)
    _understand(ctx, configuration)
    ctx.default_map = {**(ctx.default_map or {}), **configuration.options}
    return configuration


def _understand(ctx: click.Context, configuration: "Configuration") -> None:
    """Let this command's options judge what the file says for them: a value they refuse is named with its line."""
    for parameter in ctx.command.params:
        if parameter.name in configuration.options:
            try:
                parameter.process_value(ctx, configuration.options[parameter.name])
            except click.BadParameter as error:
                raise ConfigurationError(f"{configuration.where[parameter.name]}: {error.message}") from error


config_option = option(
    "--config",
    "configuration",
    type=click.Path(path_type=Path, dir_okay=False),
    is_eager=True,
    callback=load_configuration,
    help="Configuration file. [default: preflight.yaml here, then in the git root]",
)

checks_dir_option = option(
    "--checks-dir",
    "checks_dir",
    type=click.Path(),  # whether it is a folder is judged where it is read; the type completes names of files
    multiple=True,
    metavar="DIR",
    help="Also load the checks in this folder (repeatable). Its code is run.",
)
