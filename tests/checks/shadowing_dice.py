"""Compose projects made at random for env-shadowing: what a service reads, and what changes that from outside."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from preflight.project import Pin
from tests.checks.shadowing_case import DEV, PINNED

NAMES = ("K", "P", "F")
"""The variables that stand for any that somebody sets outside."""
VALUES = (
    "PIN",
    f"PIN={DEV}",
    "pin.env",
    "o.env",
    ".",
    "sub",
    "base.yaml",
    "inc.yaml",
    "evil",
    "plain",
    "raw",
    "on",
    "",
)
"""What they may be set to: each is a word that changes some project."""
PinWords = tuple[str, str, str]
"""Variable, service and file of a pin."""
PIN = ("PIN", "app", "pin.env")
"""The pin in every project."""
OTHER = ("IMG", "other", "img.env")
"""The second pin that some have."""

_WORDS = ("pin.env", "./pin.env", "o.env", "sub/o.env", "~/pin.env", "'${P:-pin.env}'", "'${P:-o.env}'",
          "'${P:-.}/pin.env'", "'${P:-sub}/../pin.env'", "'${F:-sub}/o.env'", "'${F}pin.env'",
          "sub/../pin.env", "~sub/o.env", "~nobody/pin.env", "''")  # fmt: skip
_NAMED = ("OTHER=x", "'${K:-OTHER}=x'", "'${K}'", "'${K:-OTHER=1}'", "'O${K}=x'", "PIN", f"PIN={DEV}", f"PIN={PINNED}",
          f"'PIN=${{K:-{DEV}}}'", "'OTHER=${PIN}'")  # fmt: skip
_OVERRIDES = ("A=1\n", "PIN\n", "A=1\nPIN", f"PIN={DEV}\n", f"PIN={PINNED}\n", f"PIN=${{K:-{DEV}}}\n", "PIN=\n")
_PINS = (f"PIN={PINNED}\n", f"PIN={PINNED} # note\n", f"PIN=${{K:-{PINNED}}}\n", f"OTHER=1\nPIN='{PINNED}'\n")
_FORMATS = ("", "", ", format: raw", ", format: '${F:-}'")
_REQUIRED = ("required: false", "required: true", "required: '${K:-false}'")
_CLEARING = (
    "env_file: !reset []",
    "environment: !reset null",
    "environment: {PIN: !reset null}",
    "profiles: !reset []",
    "env_file: !override [pin.env]",
    "env_file: !override ['${P:-pin.env}']",
    "extends: {file: base.yaml, service: plain}",
    "extends: {file: '${F:-base.yaml}', service: evil}",
)
_PROFILES = ("profiles: [on]", "profiles: ['${K:-on}']", "profiles: ['${K:-}']")
_DOTENV = (*NAMES, "PIN", "COMPOSE_PROFILES")
_SETTINGS = (
    "COMPOSE_PROFILES=${K:-on}\n",
    "COMPOSE_PROFILES=on,${K}\n",
    "COMPOSE_PROFILES=${K:+on}\n",
    "COMPOSE_FILE=compose.yaml:${F:-plain.yaml}\n",
    "COMPOSE_FILE=compose.yaml${F:+:evil.yaml}\n",
    "COMPOSE_FILE=compose.yaml;plain.yaml\nCOMPOSE_PATH_SEPARATOR=${P:-;}\n",
    "export K='PIN'\n",
    "K: PIN\n",
    "A=PIN\nK=${A}\n",
    "A=${P:-OTHER}\nK=${A}\n",
)
"""Whole ``.env`` files: Compose's own variables that interpolate, and other ways to write one."""


@dataclass(frozen=True)
class Made:
    """A project made at random.

    Args:
        texts: Its files.
        env: The shell's variables.
        args: Compose's global options.
        pins: Variable, service and file of each pin.
    """

    texts: Mapping[str, str]
    env: Mapping[str, str]
    args: tuple[str, ...]
    pins: tuple[PinWords, ...]

    def pins_in(self, folder: Path) -> list[Pin]:
        """Return its pins, where the project is written to a folder."""
        return [Pin(variable, service, folder / file) for variable, service, file in self.pins]

    def repeats_pin(self, file: str) -> bool:
        """Whether another file holds the same value: it overrides the pin, though that does not show."""
        return any(PINNED in text for name, text in self.texts.items() if name not in ("pin.env", "img.env", file))


def make(dice: random.Random) -> Made:
    """Return a small project: env files, names, documents, override files, `extends` and `include`."""
    service = _service(dice)
    texts = {
        "pin.env": dice.choice(_PINS),
        "o.env": dice.choice(_OVERRIDES),
        "sub/o.env": dice.choice(_OVERRIDES),
        "base.yaml": "services: {plain: {image: x}, evil: {image: x, environment: {PIN: evil}}}\n",
        "inc.yaml": f"services: {{app: {{{service}}}}}\n",
        "inc.env": f"{dice.choice((*NAMES, 'PIN'))}={dice.choice(VALUES)}\n",
        "plain.yaml": "services: {app: {labels: [a=b]}}\n",
        "evil.yaml": "services: {app: {environment: {PIN: evil}}}\n",
        "chain.yaml": "services: {plain: {extends: {file: base.yaml, service: '${K:-plain}'}}}\n",
        "outer.yaml": "include: ['${F:-inc.yaml}']\n",
        "sub/inc.yaml": "services: {app: {image: x, environment: {PIN: evil}}}\n",
    }
    pins: tuple[PinWords, ...] = (PIN,)
    other = ""
    if dice.random() < 0.3:
        pins, other = (PIN, OTHER), f", other: {{{_translated(_service(dice))}}}"
        texts |= {"img.env": _translated(dice.choice(_PINS)), "p.env": _translated(dice.choice(_OVERRIDES))}
    texts["compose.yaml"] = _top(dice, service, other)
    args: tuple[str, ...] = ("-f", "compose.yaml")
    if dice.random() < 0.3:
        name, args = dice.choice((("over.yaml", (*args, "-f", "over.yaml")), ("compose.override.yaml", ())))
        texts[name] = f"services: {{app: {{{_more(dice, dice.random() < 0.5)}}}}}\n"
    if dice.random() < 0.2:
        texts[".env"] = dice.choice(_SETTINGS)
        args = () if texts[".env"].startswith("COMPOSE_FILE") else args
    elif dice.random() < 0.2:
        texts[".env"] = f"{dice.choice(_DOTENV)}={dice.choice(VALUES)}\n"
    names = dice.sample((*NAMES, "PIN"), dice.choice((0, 0, 1)))
    return Made(texts, {name: dice.choice((*VALUES, DEV)) for name in names}, args, pins)


def _service(dice: random.Random) -> str:
    entries = [_env_file(dice) for _ in range(dice.choice((1, 1, 2, 3)))]
    written = f"[{', '.join(entries)}]" if len(entries) > 1 or entries[0].startswith("{") else entries[0]
    body = ["image: x", f"env_file: {written}"]
    if dice.random() < 0.4:
        body.append(f"environment: [{dice.choice(_NAMED)}]")
    if dice.random() < 0.1:
        body.append(dice.choice(_PROFILES))
    return ", ".join(body)


def _env_file(dice: random.Random) -> str:
    word = dice.choice(_WORDS)
    kind = dice.choice(_FORMATS) if dice.random() < 0.3 else ""
    return f"{{path: {word}, {dice.choice(_REQUIRED)}{kind}}}" if dice.random() < 0.7 else word


def _more(dice: random.Random, clears: bool) -> str:
    """Return what a later document or file says of the service."""
    if clears:
        return dice.choice(_CLEARING)
    return dice.choice(("labels: [a=b]", f"env_file: [{_env_file(dice)}]", f"environment: [{dice.choice(_NAMED)}]"))


def _top(dice: random.Random, service: str, other: str) -> str:
    match dice.randrange(7):
        case 0:
            file, name = (
                dice.choice(("base.yaml", "'${F:-base.yaml}'", "chain.yaml")),
                dice.choice(("plain", "'${K:-plain}'")),
            )
            return f"services: {{app: {{extends: {{file: {file}, service: {name}}}, {service}}}{other}}}\n"
        case 1:
            rest = f"services: {{{other.removeprefix(', ')}}}\n" if other else ""
            return f"include: [{_include(dice)}]\n{rest}"
        case 2:
            more = "".join(f"---\nservices: {{app: {{{_more(dice, False)}}}}}\n" for _ in range(dice.choice((1, 1, 2))))
            return f"services: {{app: {{{service}}}{other}}}\n{more}"
        case 3:
            return f"services: {{app: {{{_more(dice, True)}}}}}\n---\nservices: {{app: {{{service}}}{other}}}\n"
        case _:
            return f"services: {{app: {{{service}}}{other}}}\n"


def _include(dice: random.Random) -> str:
    file = dice.choice(("inc.yaml", "'${F:-inc.yaml}'", "'${P:-.}/inc.yaml'", "outer.yaml", "[inc.yaml, plain.yaml]",
                        "[inc.yaml, '${K:-plain}.yaml']"))  # fmt: skip
    more = dice.choice(("", "", ", env_file: inc.env", ", env_file: '${P:-inc.env}'", ", project_directory: '${P:-.}'"))
    return f"{{path: {file}{more}}}" if more or file.startswith("[") else file


def _translated(text: str) -> str:
    """Return a text about the first pin as one about the second."""
    for old, new in (("pin.env", "img.env"), ("sub/o.env", "p.env"), ("o.env", "p.env"), ("PIN", "IMG")):
        text = text.replace(old, new)
    return text
