"""What makes two runs comparable: they judged the same thing in the same way."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from preflight.lib.records import frozen
from preflight.model import Stage


@frozen
class Series:
    """The runs of one project that were asked the same question. Only runs of one series are compared.

    Args:
        project: Real path of the folder that is judged: see ``preflight.git.checkout``.
        configuration: Real path of the configuration; empty without one.
        selection: Every other option that changes the answer, as JSON with sorted keys; ``{}`` where there is none.
        stage: Which of the two questions was asked.
        former: What else the project may be called in the history: by the folder of its configuration, as preflight
            once did; and by a folder in or above the checkout, in a run that did not find the checkout.
    """

    project: str
    configuration: str
    selection: str
    stage: Stage
    former: tuple[str, ...] = ()

    def __str__(self) -> str:
        given = json.loads(self.selection)
        words = [f"{name} {_value(value)}".rstrip() for name, value in given.items()]
        named = [self.configuration] if self.configuration else []
        return ", ".join([f"{self.project}, stage {self.stage}", *named, *words])


def series_of(
    project: Path,
    configuration: Path | None,
    stage: Stage,
    options: Mapping[str, object],
    former: Iterable[Path] = (),
) -> Series:
    """Return the series that a run belongs to.

    Args:
        project: The folder that is judged.
        configuration: The file, if there is one.
        stage: Which of the two questions is asked.
        options: The options that change the answer, by name. What is false or empty is left out; the order of names in
            a list does not count.
        former: Other folders by which the project may be known.
    """
    given = {
        name: sorted(map(str, value)) if isinstance(value, list | tuple) else value for name, value in options.items()
    }
    selection = json.dumps({name: value for name, value in given.items() if value}, sort_keys=True)
    named = "" if configuration is None else real_name(configuration)
    name = real_name(project)
    others = dict.fromkeys(map(real_name, former))
    return Series(name, named, selection, stage, tuple(other for other in others if other != name))


def real_name(path: Path) -> str:
    """Return a path without links, as text that a database can keep: a byte that is no UTF-8 becomes its number."""
    return os.fsencode(path.resolve()).decode("utf-8", "backslashreplace")


def _value(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else "" if value is True else str(value)
