"""How variables of Coolify's UI get at a pin: what `up` does with ``.env``, for one service of one compose file."""

from collections.abc import Mapping
from dataclasses import field, replace
from enum import StrEnum

from preflight.compose.read.entries import EnvironmentEntry
from preflight.compose.read.feed import Feed, read_feed
from preflight.compose.read.locate import ComposeSource
from preflight.compose.shadow.origins import read_quietly
from preflight.coolify.host.deployed import Deployed
from preflight.coolify.judge.parser_rules import Fate
from preflight.coolify.resource import Kind
from preflight.lib.records import frozen
from preflight.project import Pin

COOLIFYS_OWN = frozenset(
    {
        *("SOURCE_COMMIT", "COOLIFY_URL", "COOLIFY_FQDN", "HOST"),
        *("COOLIFY_BRANCH", "COOLIFY_RESOURCE_UUID"),
    }
)
"""Variables that interpolation sees whatever the UI says: the first four stand in ``.env``, both addresses blank there,
and the others before the command (AJ 1326-1416, 2259-2288). ``COOLIFY_CONTAINER_NAME`` is in ``environment:`` alone."""
_OWN_PREFIXES = ("SERVICE_NAME_", "SERVICE_URL_", "SERVICE_FQDN_")


class UiEffect(StrEnum):
    """What a variable of the UI does to a pin."""

    ONLY_SOURCE = "only-source"
    OVERRIDES = "overrides-the-pin"
    INTERPOLATED = "taken-by-environment"
    REFERENCED = "taken-by-the-pins-value"
    PATH = "taken-by-a-path-in-env-file"


@frozen
class Reach:
    """How the UI gets at one pin.

    Args:
        effects: What each variable does; a variable that is not in it does nothing.
        entry: What ``environment:`` of the service says of the pin's variable, if anything.
        reads_file: The pin file is there, and read.
    """

    effects: Mapping[str, UiEffect] = field(default_factory=dict)
    entry: EnvironmentEntry | None = None
    reads_file: bool = False

    @property
    def drops_file(self) -> bool:
        """Whether the pin file is not read at all, and only the UI is left."""
        return UiEffect.ONLY_SOURCE in self.effects.values()


def is_coolifys_own(name: str, kind: Kind) -> bool:
    """Whether Coolify sets a variable by itself."""
    return name.startswith(_OWN_PREFIXES) or (kind is Kind.APPLICATION and name in COOLIFYS_OWN)


def reach_of_deployed(deployed: Deployed, pin: Pin) -> Reach:
    """Tell from the file that `up` read, wherever that differs from what the mode alone would tell."""
    feed = read_feed(deployed.source, pin, copied=True)
    read = next((each for each in reversed(feed.pins) if each.is_there), None)
    effect = None
    if feed.dotenv_overrides(read):
        effect = UiEffect.ONLY_SOURCE if read is None else UiEffect.OVERRIDES
    references = () if read is None else _references(pin, raw=read.format == "raw")
    found = _reach(feed, effect, references)
    paths = [name for each in feed.env_files for name in each.names]
    return replace(found, effects={**dict.fromkeys(paths, UiEffect.PATH), **found.effects}, reads_file=read is not None)


def reach_by_fate(fate: Fate, source: ComposeSource, pin: Pin) -> Reach:
    """Tell from what Coolify will make of the checkout's compose file.

    Args:
        fate: The fate of ``env_file:``.
        source: The checkout's compose files.
        pin: The pin.
    """
    effect = {Fate.KEPT: None, Fate.APPENDED: UiEffect.OVERRIDES}.get(fate, UiEffect.ONLY_SOURCE)
    found = _reach(read_feed(source, pin), effect, _references(pin) if fate.keeps else ())
    return replace(found, reads_file=fate.keeps)


def _reach(feed: Feed, effect: UiEffect | None, references: tuple[str, ...]) -> Reach:
    effects = dict.fromkeys(references, UiEffect.REFERENCED)
    effects |= dict.fromkeys(feed.names_outside, UiEffect.INTERPOLATED)
    if effect is not None:
        effects[feed.variable] = effect
    return Reach(effects, feed.environment)


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
