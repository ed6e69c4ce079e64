"""env-shadowing against projects made at random: its verdict is held against what real Compose binaries deliver."""

import random
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from preflight.compose.ask.door import Compose
from preflight.lib.deadline import Deadline
from preflight.project import Pin
from tests.checks.shadowing_case import DEV, PINNED
from tests.checks.shadowing_projects import SECONDS, context_of, judge, project_of, write
from tests.real.compose import NEWEST_COMPOSE

pytestmark = pytest.mark.compose

_NAMES = ("K", "P", "F")
_VALUES = ("PIN", f"PIN={DEV}", "pin.env", "o.env", ".", "sub", "base.yaml", "inc.yaml", "evil", "plain", "raw", "")
_WORDS = ("pin.env", "./pin.env", "o.env", "sub/o.env", "~/pin.env", "'${P:-pin.env}'", "'${P:-o.env}'",
          "'${P:-.}/pin.env'", "'${P:-sub}/../pin.env'", "'${F:-sub}/o.env'", "'${F}pin.env'")  # fmt: skip
_NAMED = ("OTHER=x", "'${K:-OTHER}=x'", "'${K}'", "'${K:-OTHER=1}'", "'O${K}=x'", "PIN", f"PIN={DEV}", f"PIN={PINNED}",
          f"'PIN=${{K:-{DEV}}}'", "'OTHER=${PIN}'")  # fmt: skip
_OVERRIDES = ("A=1\n", "PIN\n", "A=1\nPIN", f"PIN={DEV}\n", f"PIN={PINNED}\n", f"PIN=${{K:-{DEV}}}\n", "PIN=\n")
_PINS = (f"PIN={PINNED}\n", f"PIN={PINNED} # note\n", f"PIN=${{K:-{PINNED}}}\n", f"OTHER=1\nPIN='{PINNED}'\n")


@dataclass(frozen=True)
class Made:
    """A project made at random.

    Args:
        texts: Its files.
        env: The shell's variables.
    """

    texts: Mapping[str, str]
    env: Mapping[str, str]


def _made(dice: random.Random) -> Made:
    """Return a small project: env files, names, documents, `extends` and `include`, some of them interpolated."""
    lists = [_env_file(dice) for _ in range(dice.choice((1, 1, 2, 3)))]
    body = ["image: x", f"env_file: [{', '.join(lists)}]"]
    if dice.random() < 0.4:
        body.append(f"environment: [{dice.choice(_NAMED)}]")
    service = ", ".join(body)
    texts = {
        "pin.env": dice.choice(_PINS),
        "o.env": dice.choice(_OVERRIDES),
        "sub/o.env": dice.choice(_OVERRIDES),
        "base.yaml": "services: {plain: {image: x}, evil: {image: x, environment: {PIN: evil}}}\n",
        "inc.yaml": f"services: {{app: {{{service}}}}}\n",
        "sub/inc.yaml": "services: {app: {image: x, environment: {PIN: evil}}}\n",
    }
    texts["compose.yaml"] = _top(dice, service)
    if dice.random() < 0.2:
        texts[".env"] = f"{dice.choice((*_NAMES, 'PIN'))}={dice.choice(_VALUES)}\n"
    names = dice.sample((*_NAMES, "PIN"), dice.choice((0, 0, 1)))
    return Made(texts, {name: dice.choice((*_VALUES, DEV)) for name in names})


def _env_file(dice: random.Random) -> str:
    word = dice.choice(_WORDS)
    kind = dice.choice(("", "", ", format: raw", ", format: '${F:-}'")) if dice.random() < 0.3 else ""
    return f"{{path: {word}, required: false{kind}}}" if dice.random() < 0.7 else word


def _top(dice: random.Random, service: str) -> str:
    match dice.randrange(6):
        case 0:
            file, name = dice.choice(("base.yaml", "'${F:-base.yaml}'")), dice.choice(("plain", "'${K:-plain}'"))
            return f"services: {{app: {{extends: {{file: {file}, service: {name}}}, {service}}}}}\n"
        case 1:
            return f"include: [{dice.choice(('inc.yaml', chr(39) + '${F:-inc.yaml}' + chr(39)))}]\n"
        case 2:
            more = dice.choice(
                ("labels: [a=b]", f"env_file: [{_env_file(dice)}]", f"environment: [{dice.choice(_NAMED)}]")
            )
            return f"services: {{app: {{{service}}}}}\n---\nservices: {{app: {{{more}}}}}\n"
        case _:
            return f"services: {{app: {{{service}}}}}\n"


def _settings(env: Mapping[str, str], dice: random.Random) -> Iterator[Mapping[str, str]]:
    """Yield the shell as it is, and with one or two variables set otherwise."""
    yield env
    for name in _NAMES:
        for value in dice.sample(_VALUES, 4):
            yield {**env, name: value}


def _delivered(folder: Path, env: Mapping[str, str], version: str) -> tuple[bool, str | None]:
    """Return whether Compose takes the project, and what it gives the variable."""
    from preflight.compose.ask.binary import ComposeBinary
    from tests.real.compose import compose_binary

    binary = ComposeBinary("standalone", (str(compose_binary(version)),), version, version)
    compose = Compose(project_of(folder, ("-f", "compose.yaml")), {"HOME": str(folder), **env}, lambda *_: (binary,))
    answer = compose.config(Deadline.after(SECONDS))
    found = answer.services.get("app")
    return answer.refusal is None and found is not None, None if found is None else found.environment.get("PIN")


def _own(text: str, version: str, folder: Path) -> str | None:
    """Return what the pin file says by itself: what a service with nothing else gets, with nothing set outside."""
    alone = folder / "alone"
    write(alone, {"pin.env": text, "compose.yaml": "services: {app: {image: x, env_file: [pin.env]}}\n"})
    return _delivered(alone, {}, version)[1]


def _complaint(seed: int, folder: Path, version: str) -> str:
    """Return what is wrong with the verdict about one project; "" when nothing is."""
    dice = random.Random(seed)  # noqa: S311 -- the same projects each time
    made = _made(dice)
    write(folder, made.texts)
    judged = judge(context_of(folder, [Pin("PIN", "app", folder / "pin.env")], env=made.env, version=version))
    taken, value = _delivered(folder, made.env, version)
    pinned = {_own(made.texts["pin.env"], version, folder), made.texts["pin.env"].rstrip().rpartition("PIN=")[2]}
    words = f"seed {seed}, {version}, {made}: {judged.words}"
    if judged.verdict == "pass" and not (taken and value in pinned):
        return f"passes, but the service gets {value}: {words}"
    if judged.verdict == "pass":
        for env in _settings(made.env, dice):
            taken, other = _delivered(folder, env, version)
            if taken and other != value:
                return f"passes, but with {env} the service gets {other}: {words}"
    if judged.verdict == "error":
        return f"could not look: {words}"
    if judged.verdict != "fail" or value not in pinned or _repeats_pin(made):
        return ""
    shells = (*_settings(made.env, dice), {"PIN": DEV})
    always = all(_delivered(folder, env, version) == (True, value) for env in shells)
    return f"fails, but the service always gets the pin: {words}" if always else ""


def _repeats_pin(made: Made) -> bool:
    """Whether another file holds the same value: it overrides the pin, though that does not show."""
    return any(PINNED in text for name, text in made.texts.items() if name != "pin.env")


def _series(seeds: range, folder: Path, version: str) -> list[str]:
    found = []
    for seed in seeds:
        place = folder / str(seed)
        found.append(_complaint(seed, place, version))
        shutil.rmtree(place)
    return [complaint for complaint in found if complaint]


@pytest.mark.parametrize("version", [NEWEST_COMPOSE, "2.29.7"])
def test_the_verdict_is_what_compose_delivers(version: str, tmp_path: Path) -> None:
    """Never a pass when the value differs or a variable changes it, never a failure when it is always the pin."""
    assert _series(range(12), tmp_path, version) == []


@pytest.mark.soak
@pytest.mark.parametrize("version", [NEWEST_COMPOSE, "2.29.7"])
def test_the_verdict_is_what_compose_delivers_in_a_long_series(version: str, tmp_path: Path) -> None:
    """The same with many projects."""
    assert _series(range(1000, 3000), tmp_path, version) == []
