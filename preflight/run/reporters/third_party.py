"""Formats that installed packages bring: entry points in the group ``preflight.reporters``."""

from importlib import import_module

from preflight.errors import ConfigurationError, PreflightError
from preflight.lib import interrupts
from preflight.lib.exceptions import describe_exception
from preflight.lib.regex import regex
from preflight.report import Report, Reporter, Style
from preflight.run.entry_points import entry_points

GROUP = "preflight.reporters"
"""The entry-point group. The name is that of the format, the value the ``module:function`` of a ``Reporter``."""

_NAME = regex(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class ReporterFailed(PreflightError):
    """A format of an installed package made no text of a report."""


def names() -> tuple[str, ...]:
    """Return the names of the formats, sorted. A name that no option could take is left out."""
    return tuple(sorted({name for name, _ in entry_points(GROUP) if _NAME.fullmatch(name)}))


def load(name: str) -> Reporter:
    """Return the reporter of a format. Called, it raises nothing but ``ReporterFailed``.

    Raises:
        ConfigurationError: No package brings it, or two do, or it does not load.
    """
    places = [value for each, value in entry_points(GROUP) if each == name]
    if not places:
        raise ConfigurationError(f"no such format: {name}", "Install the package that brings it, or name another.")
    if len(places) > 1:
        raise ConfigurationError(
            f"two packages bring the format {name}: {' and '.join(places)}", "Remove one of the packages."
        )
    function = _import(name, places[0])

    def render(report: Report, style: Style) -> str:
        try:
            text = function(report, style)
        except (Exception, SystemExit) as error:  # whose exit code would become ours
            interrupts.raise_received()
            raise ReporterFailed(f"the format {name} failed: {describe_exception(error)}") from error
        if not isinstance(text, str):
            raise ReporterFailed(f"the format {name} returned {type(text).__name__}, not str")
        return text

    return render


def _import(name: str, value: str) -> Reporter:
    module, _, attribute = (part.strip() for part in value.partition("[")[0].partition(":"))
    hint = f"Fix or remove the package that brings it: {name} = {value}"
    try:
        function = getattr(import_module(module), attribute, None)
    except (Exception, SystemExit) as error:  # somebody else's module may raise anything
        interrupts.raise_received()
        raise ConfigurationError(f"the format {name} does not load: {describe_exception(error)}", hint) from error
    if not callable(function):
        raise ConfigurationError(f"the format {name} does not load: {value} names no function", hint)
    render: Reporter = function
    return render
