"""What Coolify makes of a compose file: the rewrite of default mode, of raw mode and of service stacks."""

from dataclasses import dataclass
from typing import Any

from tests.real.coolify import labels, php, symfony_read, symfony_write
from tests.real.coolify.parser import ApplicationParts, StackParts, parse
from tests.real.coolify.resource import Application, ServiceStack
from tests.real.coolify.symfony_read import YamlRefusedError
from tests.real.coolify.volumes import AS_THEY_ARE, without_own_keys

_OWN = php.listed(".env")
_NOTHING = "services: {  }\n"
_IN_FILE, _IN_COLUMN = 4, 2


@dataclass(frozen=True)
class Rewritten:
    """Both texts that Coolify has of one file.

    Args:
        deployed: What `up` reads; null where a stack was never parsed.
        column: What the UI ("Deployable Compose") and the API (``docker_compose``) show; in default mode it lists the
            repository's own env files too, which is not what is deployed (P:1513 against AJ 698-702).
    """

    deployed: str | None
    column: str | None


def rewrite_default(text: str, application: Application, pull_request: int, commit: str = "") -> Rewritten:
    """Do what default mode does (applicationParser, then AJ 696-703).

    What Symfony's YAML refuses becomes a file without services, and the UI goes on to show the last one.

    Args:
        text: Of the file in the repository.
        application: Whose file it is; its rows and its column change.
        pull_request: 0 for production.
        commit: Names the image of a service that is built and names none.

    Raises:
        DeploymentFailed: The parser threw.
    """
    try:
        data = symfony_read.read(text)
    except YamlRefusedError:
        return Rewritten(_NOTHING, application.docker_compose)
    parse(data, ApplicationParts(application, 0, ""))  # the file is loaded first, and that parses it, too (App 2200)
    parsed = parse(data, ApplicationParts(application, pull_request, commit))
    application.docker_compose = symfony_write.write(parsed, _IN_COLUMN)
    deployed = {**parsed, "services": {name: {**each, "env_file": _OWN} for name, each in parsed["services"].items()}}
    return Rewritten(symfony_write.write(deployed, _IN_FILE), application.docker_compose)


def rewrite_raw(text: str, application: Application) -> Rewritten:
    """Do what raw mode does: three labels are pushed, all else stays (App 2031-2090).

    The parser runs nevertheless, and creates its rows among the UI's variables (App 2200).

    Raises:
        DeploymentFailed: Symfony refuses the YAML, or the parser threw.
    """
    data = php.collected(symfony_read.read(text))
    application.docker_compose = symfony_write.write(parse(data, ApplicationParts(application, 0, "")), _IN_COLUMN)
    services = {name: _raw(service, application) for name, service in php.collected(data.get("services")).items()}
    return Rewritten(symfony_write.write({**data, "services": services}, _IN_COLUMN), application.docker_compose)


def rewrite_stack(stack: ServiceStack) -> Rewritten:
    """Do what happens to a service stack: ``.env`` is appended last to every service's files (P:2743-2751).

    What Symfony's YAML refuses leaves the last file where it is.

    Raises:
        DeploymentFailed: The parser threw.
    """
    try:
        parsed = parse(symfony_read.read(stack.compose), StackParts(stack))
    except YamlRefusedError:
        return Rewritten(stack.docker_compose, stack.docker_compose)
    stack.docker_compose = symfony_write.write(parsed, _IN_COLUMN)
    return Rewritten(stack.docker_compose, stack.docker_compose)


def service_names_of(text: str) -> list[str]:
    """Return the names of a file's services.

    Raises:
        DeploymentFailed: Symfony refuses the YAML.
    """
    return [str(name) for name in _services(text)]


def bind_sources_of(text: str) -> list[str]:
    """Return what raw mode takes for a bind mount's source in a file (App 2042-2070), but for the home's folder.

    Raises:
        DeploymentFailed: Symfony refuses the YAML.
    """
    found = []
    for service in _services(text).values():
        for volume in php.collected(php.collected(service).get("volumes")).values():
            if isinstance(volume, dict):
                source, is_bind = php.text(volume.get("source")), volume.get("type") == "bind"
            else:
                source = php.text(volume).partition(":")[0]
                is_bind = source.startswith(("./", "/"))
            if is_bind and source not in AS_THEY_ARE:
                found.append(source)
    return found


def _services(text: str) -> php.Array:
    return php.collected(php.collected(symfony_read.read(text)).get("services"))


def _raw(service: Any, application: Application) -> php.Array:
    labelled = labels.with_raw_labels(service, application)
    if isinstance(labelled.get("volumes"), dict):
        labelled["volumes"] = {key: without_own_keys(volume) for key, volume in labelled["volumes"].items()}
    return labelled
