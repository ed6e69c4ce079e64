"""env-shadowing against projects made at random: its verdict is held against what real Compose binaries deliver."""

import random
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from preflight.compose.ask.binary import ComposeBinary
from preflight.compose.ask.door import Compose
from preflight.lib.deadline import Deadline
from tests.checks.shadowing_case import DEV
from tests.checks.shadowing_dice import NAMES, VALUES, Made, PinWords, make
from tests.checks.shadowing_projects import SECONDS, Judged, context_of, judge, project_of, write
from tests.real.compose import NEWEST_COMPOSE, compose_binary

pytestmark = pytest.mark.compose

_VERSIONS = [NEWEST_COMPOSE, "2.29.7", "2.24.7", "2.24.1"]
_SHOWS_VALUES = {"2.24.7": "2.29.7"}
"""2.24.7 does not show what env files give; the next release that does delivers the same."""
_ABSENT = "(not deployed)"


class _Oracle:
    """What a real Compose delivers of one project, whatever is set outside."""

    def __init__(self, made: Made, folder: Path, version: str, dice: random.Random) -> None:
        self._made, self._folder, self._version = made, folder, _SHOWS_VALUES.get(version, version)
        self._settings = list(_settings(made.env, dice))

    def complaint(self, pin: PinWords, judged: Judged) -> str:
        """Return what is wrong with the verdict about one pin; "" when nothing is."""
        variable, _, file = pin
        value = self._value(variable, self._made.env)
        own = self._own(pin)
        match judged.verdict:
            case "error" if value != _ABSENT:
                return "could not look"
            case "pass" if value not in own:
                return f"passes, but the service gets {value}"
            case "pass":
                given = {str(env): self._value(variable, env, absent=value) for env in self._settings}
                return next(
                    (f"passes, but with {env} it gets {other}" for env, other in given.items() if other != value), ""
                )
            case "fail" if value in own and not self._made.repeats_pin(file):
                shells = (*self._settings, {variable: DEV})
                always = all(self._value(variable, env) == value for env in shells)
                return "fails, but the service always gets the pin" if always else ""
        return ""

    def _value(self, variable: str, env: Mapping[str, str], *, absent: str | None = _ABSENT) -> str | None:
        """Return what the pin's service gets; ``absent`` where it is not deployed, or Compose refuses the project."""
        service = next(service for name, service, _ in self._made.pins if name == variable)
        return self._deliver(self._folder, self._made.args, env, service, variable, absent)

    def _own(self, pin: PinWords) -> set[str | None]:
        """Return what the pin file says: what a service with nothing else gets, and the text as it is written."""
        variable, _, file = pin
        text, alone = self._made.texts[file], self._folder / variable
        write(alone, {file: text, "compose.yaml": f"services: {{app: {{image: x, env_file: [{file}]}}}}\n"})
        given = self._deliver(alone, ("-f", "compose.yaml"), {}, "app", variable, _ABSENT)
        return {given, text.rstrip().rpartition(f"{variable}=")[2]}

    def _deliver(self, folder: Path, args: Sequence[str], env: Mapping[str, str], *wanted: str | None) -> str | None:
        service, variable, absent = wanted
        binary = ComposeBinary("standalone", (str(compose_binary(self._version)),), self._version, self._version)
        compose = Compose(project_of(folder, args), {"HOME": str(folder), **env}, lambda *_: (binary,))
        found = compose.config(Deadline.after(SECONDS)).services.get(service or "")
        return absent if found is None else found.environment.get(variable or "")


def _settings(env: Mapping[str, str], dice: random.Random) -> Iterator[Mapping[str, str]]:
    """Yield the shell as it is, and with a variable set otherwise."""
    yield env
    for name in NAMES:
        for value in dice.sample(VALUES, 4):
            yield {**env, name: value}
    yield {**env, "PIN": DEV, "IMG": DEV}
    yield {**env, "HOME": "/nowhere"}


def _complaints(seed: int, folder: Path, version: str) -> Iterator[str]:
    """Yield what is wrong with the verdicts about one project."""
    dice = random.Random(seed)
    made = make(dice)
    write(folder, made.texts)
    judged = judge(context_of(folder, made.pins_in(folder), args=made.args, env=made.env, version=version))
    oracle = _Oracle(made, folder, version, dice)
    for pin in made.pins:
        mine = tuple(each for each in judged.findings if each.subject and each.subject.name in pin)
        about = Judged(mine, judged.compose)
        problem = oracle.complaint(pin, about) if mine else "nothing is said"
        if problem:
            yield f"{pin[0]}: {problem}: seed {seed}, {version}, {made}: {about.words}"


def _series(seeds: range, folder: Path, version: str) -> list[str]:
    found: list[str] = []
    for seed in seeds:
        place = folder / str(seed)
        found += _complaints(seed, place, version)
        shutil.rmtree(place)
    return found


@pytest.mark.parametrize("version", _VERSIONS)
def test_the_verdict_is_what_compose_delivers(version: str, tmp_path: Path) -> None:
    """Never a pass when the value differs or a variable changes it, never a failure when it is always the pin."""
    assert _series(range(6), tmp_path, version) == []


@pytest.mark.soak
@pytest.mark.parametrize("version", _VERSIONS)
def test_the_verdict_is_what_compose_delivers_in_a_long_series(version: str, tmp_path: Path) -> None:
    """The same with many projects."""
    assert _series(range(1000, 3000), tmp_path, version) == []
