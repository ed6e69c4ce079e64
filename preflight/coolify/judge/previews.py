"""What a preview deployment of a pull request does to production.

Previews share the application's folder with production: its ``.env`` then holds their values (AJ 1594-1610) and, with
Preserve Repository, the pull request's checkout is copied over production's files (AJ 261, 1037-1059). In raw mode
`up` of a preview then runs on production's compose file (AJ 844-850), so production's containers get the pull
request's pin (coollabsio/coolify#5084, open).
"""

from typing import TYPE_CHECKING

from preflight.compose.read.feed import Feed
from preflight.coolify.host.deployed import Deployed
from preflight.coolify.resource import Resource, Situation
from preflight.envfile import EnvFile

if TYPE_CHECKING:
    from preflight.coolify.api.client import Application

PREVIEWS_OFF = (
    'set Preview deployments to "Disabled" (Configuration > Advanced in Coolify), or deploy pull requests from a '
    "second application"
)
REMEDY = f"Redeploy production in Coolify. To keep it so, {PREVIEWS_OFF}."
_NAME_OF_SERVICE = "SERVICE_NAME_"


def preview_of(variables: EnvFile) -> str:
    """Return the number of the pull request whose values an ``.env`` holds, "" if production's (AJ 1440-1444)."""
    for each in variables.assignments:
        if each.name.startswith(_NAME_OF_SERVICE) and (number := _number(each.value or "")):
            return number
    return ""


def preview_that_overwrote(deployed: Deployed, service: str) -> str:
    """Return the number of the pull request whose preview was deployed last, "" if production was.

    Told by the ``.env``, and by the services of a deployed file in which ``SERVICE-pr-N`` stands for the service.
    """
    if deployed.variables is not None and (number := preview_of(deployed.variables)):
        return number
    names = (each for each in deployed.source.services() if each.startswith(f"{service}-pr-"))
    return next((number for each in names if (number := _number(each))), "")


def are_deployed(resource: Resource, application: "Application | None") -> bool | None:
    """Return whether previews of an application are deployed; None where nothing tells.

    What they left tells as well: containers, or a compose file of their own (AJ 1070-1075).
    """
    if application is not None and application.previews is not None:
        return application.previews
    left = bool(resource.previews) or any(resource.folder.glob("docker-compose-pr-*.yaml"))
    return True if left else None


def reach_production(situation: Situation, feed: Feed, *, in_ui: bool) -> bool:
    """Whether a preview changes the pin of production's running containers.

    Args:
        situation: How the application is deployed.
        feed: What feeds the pin in the repository.
        in_ui: The pin is in Coolify's UI, not in the file.
    """
    if situation not in {Situation.RAW, Situation.RAW_PRESERVED}:
        return False
    if in_ui:
        return feed.is_from_outside or (feed.environment is None and feed.has_dotenv)
    is_copied = feed.pin is not None and not feed.pin.text.startswith(("/", "~"))
    return is_copied and situation is Situation.RAW_PRESERVED


def _number(name: str) -> str:
    """Return N of a name that ends in ``-pr-N``, "" for any other."""
    _, there, number = name.rpartition("-pr-")
    return number if there and number.isascii() and number.isdigit() else ""
