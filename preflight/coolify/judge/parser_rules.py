"""What Coolify makes of ``env_file:``, by mode and version.

From the history of app/Jobs/ApplicationDeploymentJob.php and bootstrap/helpers/parsers.php up to 4.3.11: replaced in
default mode since 4.0.0-beta.291 where there are variables, since beta.435 always; in service stacks ``.env`` is
appended since beta.443. Raw mode has kept it from its start.
"""

from enum import StrEnum

from preflight.compose.read.feed import Feed
from preflight.coolify.resource import Situation
from preflight.lib.versions import Version, parse_version

_REPLACED_WITH_VARIABLES = "4.0.0-beta.291"
_REPLACED_ALWAYS = "4.0.0-beta.435"
_APPENDED = "4.0.0-beta.443"


class Fate(StrEnum):
    """What becomes of a service's ``env_file:``."""

    KEPT = "kept"
    REPLACED = "replaced"
    REPLACED_WITH_VARIABLES = "replaced where the UI has variables"
    APPENDED = "kept, .env appended last"

    @property
    def keeps(self) -> bool:
        """Whether the repository's entries are sure to survive."""
        return self in {Fate.KEPT, Fate.APPENDED}

    @property
    def brings_variables(self) -> bool:
        """Whether the variables of the UI reach the containers as an env file."""
        return self is not Fate.KEPT


def fate_of(situation: Situation, version: str | None) -> Fate:
    """Return what becomes of ``env_file:``.

    Args:
        situation: How it is deployed.
        version: The version of Coolify; an unknown one counts as today's.
    """
    known = coolify_version(version)
    if situation in {Situation.RAW, Situation.RAW_PRESERVED}:
        return Fate.KEPT
    if situation is Situation.SERVICE:
        return Fate.KEPT if _before(known, _APPENDED) else Fate.APPENDED
    if _before(known, _REPLACED_WITH_VARIABLES):
        return Fate.KEPT
    return Fate.REPLACED_WITH_VARIABLES if _before(known, _REPLACED_ALWAYS) else Fate.REPLACED


def is_filled_from_ui(feed: Feed) -> bool:
    """Whether Coolify's parser writes the UI's value of a variable into ``environment:``.

    In default mode and in service stacks it does so at each deployment for a name without a value, an empty value, a
    value or a build argument that takes the variable, and a variable that another entry takes (P 999-1177, 1306-1340).

    Args:
        feed: What feeds the variable in the repository's compose file.
    """
    if feed.environment is not None:
        return not feed.environment.value or feed.is_from_outside
    return bool(feed.taken_by) or (feed.build_arg is not None and not feed.build_arg.is_fixed)


def coolify_version(text: str | None) -> Version | None:
    """Return a version as the label ``coolify.version`` tells it, e.g. "4.0.0-beta.435"; None where that is none."""
    if text is None:
        return None
    try:
        return parse_version(text)
    except ValueError:
        return None


def _before(version: Version | None, first: str) -> bool:
    return version is not None and version < parse_version(first)
