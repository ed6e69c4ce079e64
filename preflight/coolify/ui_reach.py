"""How variables of Coolify's UI get at a pin: what `up` does with ``.env``, for one service of one compose file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from preflight.compose.entries import EnvironmentEntry
from preflight.compose.locate import ComposeSource
from preflight.compose.origins import read_quietly
from preflight.context import Pin
from preflight.coolify.deployed import Deployed
from preflight.coolify.resource import Kind
from preflight.coolify.rules import Fate
from preflight.envfile.template import mentioned
from preflight.files import is_regular_file

COOLIFYS_OWN = frozenset(
    {
        *("SOURCE_COMMIT", "COOLIFY_URL", "COOLIFY_FQDN", "COOLIFY_BRANCH", "COOLIFY_RESOURCE_UUID"),
        *("COOLIFY_CONTAINER_NAME", "HOST"),
    }
)
"""Variables that Coolify sets whatever the UI says: before the command or in ``.env`` (AJ 2259-2288, 1415)."""
_OWN_PREFIXES = ("SERVICE_NAME_", "SERVICE_URL_", "SERVICE_FQDN_")


class UiEffect(StrEnum):
    """What a variable of the UI does to a pin."""

    ONLY_SOURCE = "only-source"
    BEATS = "beats-the-pin"
    INTERPOLATED = "taken-by-environment"
    REFERENCED = "taken-by-the-pins-value"


@dataclass(frozen=True)
class Reach:
    """How the UI gets at one pin.

    Args:
        effects: What each variable does; a variable that is not in it does nothing.
        entry: What ``environment:`` of the service says of the pin's variable, if anything.
        source: The compose file, to interpolate with.
    """

    effects: Mapping[str, UiEffect] = field(default_factory=dict)
    entry: EnvironmentEntry | None = None
    source: ComposeSource | None = None

    @property
    def drops_file(self) -> bool:
        """Whether the pin file is not read at all, and only the UI is left."""
        return UiEffect.ONLY_SOURCE in self.effects.values()


def is_coolifys_own(name: str, kind: Kind) -> bool:
    """Whether Coolify sets a variable by itself."""
    return name.startswith(_OWN_PREFIXES) or (kind is Kind.APPLICATION and name in COOLIFYS_OWN)


def reach_of_deployed(deployed: Deployed, pin: Pin) -> Reach:
    """Tell from the file that `up` read, wherever that differs from what the mode alone would tell."""
    entries, own = deployed.entries(pin.service), deployed.resource.env_file
    own_at = max((at for at, each in enumerate(entries) if each.path == own), default=-1)
    pins = [(at, each) for at, each in enumerate(entries) if at != own_at and each.path and _names(each.path.name, pin)]
    pin_at, entry = next(
        ((at, each) for at, each in reversed(pins) if each.path and is_regular_file(each.path)), (-1, None)
    )
    effect = None
    if own_at > pin_at:
        effect = UiEffect.ONLY_SOURCE if entry is None else UiEffect.BEATS
    names = () if entry is None else _references(pin, raw=entry.format == "raw")
    return _reach(pin, deployed.source, effect, names)


def reach_by_fate(fate: Fate, source: ComposeSource, pin: Pin) -> Reach:
    """Tell from what Coolify will make of the checkout's compose file.

    Args:
        fate: Of ``env_file:``.
        source: The checkout's compose files.
        pin: The pin.
    """
    effect = {Fate.KEPT: None, Fate.APPENDED: UiEffect.BEATS}.get(fate, UiEffect.ONLY_SOURCE)
    return _reach(pin, source, effect, _references(pin) if fate.keeps else ())


def _names(name: str, pin: Pin) -> bool:
    return name == pin.file.name


def _reach(pin: Pin, source: ComposeSource, effect: UiEffect | None, references: tuple[str, ...]) -> Reach:
    written = source.environment_entries(pin.service, pin.variable)
    entry = written[-1] if written else None
    effects = dict.fromkeys(references, UiEffect.REFERENCED)
    if entry is not None:
        names = mentioned(entry.value or "") if entry.has_value else (pin.variable,)
        effects |= dict.fromkeys(names, UiEffect.INTERPOLATED)
    if effect is not None:
        effects[pin.variable] = effect
    return Reach(effects, entry, source)


def _references(pin: Pin, *, raw: bool = False) -> tuple[str, ...]:
    """Return the names that the pin's value interpolates, also through other lines of the file."""
    file = read_quietly(pin.file, raw=raw)  # what is wrong with it is for others to say
    found: dict[str, None] = {}
    open_names = [pin.variable]
    while open_names:
        assignment = file.last(open_names.pop())
        new = [name for name in (assignment.references if assignment else ()) if name not in found]
        found.update(dict.fromkeys(new))
        open_names += new
    return tuple(found)
