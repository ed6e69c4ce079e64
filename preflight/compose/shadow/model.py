"""Does anything override the pin file? The answer in values; the check gives it words.

Truth comes from Compose (``declared``); files are read only to say where (``shadow_search``).
"""

from enum import StrEnum
from pathlib import Path

from preflight.compose.ask.refusal import Refusal
from preflight.compose.shadow.origins import ValueSource
from preflight.lib.records import frozen
from preflight.project import Pin


class ShadowKind(StrEnum):
    """What stands between the pin file and the container."""

    REFUSED = "refused"
    NO_SERVICE = "no-service"
    PROFILE_OFF = "profile-off"
    ENVIRONMENT = "environment"
    NOT_LISTED = "not-listed"
    MISSING = "missing"
    UNDEFINED = "undefined"
    LATER_FILE = "later-file"
    LATER_BARE = "later-bare"
    REFERENCE = "reference"
    OPEN_PATH = "open-path"
    OPEN_FORMAT = "open-format"
    OPEN_NAME = "open-name"
    OPEN_EXTENDS = "open-extends"
    OPEN_INCLUDE = "open-include"
    OPEN_PROFILE = "open-profile"
    OPEN_FILES = "open-files"
    NOT_FOLLOWED = "not-followed"
    MODEL = "model"
    OPEN_MODEL = "open-model"
    PROVIDER = "provider"
    DIFFERENT = "different"


@frozen
class Shadow:
    """One thing that overrides the pin, or could.

    Args:
        kind: Which.
        overrides: Whether it does so now; otherwise it could, once somebody sets a name.
        path: The file at fault.
        line: The line in it, from 1.
        names: Profiles, services that exist, or variables that are looked up, according to ``kind``.
        sources: Where the values of these variables come from.
        bare: The variable is named without a value.
        refusal: What Compose says, for ``REFUSED``; what keeps us from following its files, for ``NOT_FOLLOWED``.
    """

    kind: ShadowKind
    overrides: bool = True
    path: Path | None = None
    line: int | None = None
    names: tuple[str, ...] = ()
    sources: tuple[ValueSource, ...] = ()
    bare: bool = False
    refusal: Refusal | None = None


@frozen
class Shadowing:
    """What was found about one pin.

    Args:
        pin: The pin.
        shadows: What overrides it or could; empty when nothing does.
        value: What the container gets; ``None`` when nothing or not known. To be shown only if it is an image
            reference.
        own: What the pin file says by itself; see ``value``.
        read: The env files of the service, in order.
        in_shell: The variable is also set in the shell, which does no harm by itself.
        stripped: Keys of Coolify's own were left out, as Coolify does before it calls Compose.
    """

    pin: Pin
    shadows: tuple[Shadow, ...]
    value: str | None = None
    own: str | None = None
    read: tuple[Path, ...] = ()
    in_shell: bool = False
    stripped: bool = False
