"""Coolify's parser of compose files, which default mode and service stacks have alike (P:373-1513, 1569-2790)."""

from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.real.coolify import environment, labels, php
from tests.real.coolify.dotenv import service_addresses, service_names
from tests.real.coolify.php import Array
from tests.real.coolify.proxy import Address, addresses, network_labels, proxy_labels
from tests.real.coolify.resource import Application, ServiceStack, Variables
from tests.real.coolify.shell import DeploymentFailed
from tests.real.coolify.volumes import Volumes, require_safe

_KEPT = ("volumes", "networks", "configs", "secrets")
"""Top-level keys that survive, behind the services; all others are lost."""


class Parts(ABC):
    """Where applications and stacks differ in the parser."""

    def __init__(self, resource: Application | ServiceStack, pull_request: int) -> None:
        self.uuid, self.escape_labels, self.shared = resource.uuid, resource.escape_labels, resource.shared
        self.variables: Variables = resource.variables
        self.is_stack = isinstance(resource, ServiceStack)
        self.folder = f"/data/coolify/{'services' if self.is_stack else 'applications'}/{resource.uuid}"
        self.pull_request = pull_request
        self.suffix = f"-pr-{pull_request}" if pull_request else ""
        self.network = f"{self.uuid}-{pull_request}" if pull_request else self.uuid

    @abstractmethod
    def container(self, name: str) -> str:
        """Return the name of a service's container."""

    @abstractmethod
    def own_variables(self, container: str) -> dict[str, str]:
        """Return what Coolify adds to the environment, those left out that the UI has a row for."""

    def addresses(self, _name: str, _image: str) -> list[Address]:
        """Return where a service is reached; a database is not."""
        return []

    @abstractmethod
    def own_labels(self, name: str, container: str, image: str) -> list[str]:
        """Return the labels of a service."""

    def image(self, _name: str, _service: Array) -> dict[str, str]:
        """Return the image of a service that is built, if Coolify names it."""
        return {}


class ApplicationParts(Parts):
    def __init__(self, application: Application, pull_request: int, commit: str) -> None:
        super().__init__(application, pull_request)
        self._app, self._commit = application, commit

    def container(self, name: str) -> str:
        return labels.container_name(name, self._app, self.pull_request)

    def own_variables(self, container: str) -> dict[str, str]:
        branch = f"pull/{self.pull_request}/head" if self.pull_request else self._app.branch
        own = {"COOLIFY_BRANCH": f'"{branch}"', "COOLIFY_RESOURCE_UUID": self.uuid, "COOLIFY_CONTAINER_NAME": container}
        own = {key: value for key, value in own.items() if self.variables.get(key) is None}
        if self.pull_request:
            return own
        for key, value in service_addresses(self._app).items():
            self.variables.update_or_create(key, value)
            own[key] = value
        return own

    def addresses(self, name: str, image: str) -> list[Address]:
        known = not self.pull_request and labels.kind_of_service(image) == "application"
        return addresses(self._app.domains.get(name, "")) if known else []

    def own_labels(self, _name: str, container: str, _image: str) -> list[str]:
        return labels.application_labels(self._app, container, self.pull_request)

    def image(self, name: str, service: Array) -> dict[str, str]:
        """Return the image that names the commit, so that it can be rolled back to (P:1473-1484)."""
        if not self._commit or service.get("build") is None or service.get("image") is not None:
            return {}
        tag = f"pr-{self.pull_request}" if self.pull_request else self._commit[:128]
        return {"image": f"{self.uuid}_{name}:{tag}"}


class StackParts(Parts):
    def __init__(self, stack: ServiceStack) -> None:
        super().__init__(stack, 0)
        self._stack = stack
        self._numbers: Counter[str] = Counter()

    def container(self, name: str) -> str:
        return f"{name}-{self.uuid}"

    def own_variables(self, container: str) -> dict[str, str]:
        own = {"COOLIFY_RESOURCE_UUID": self.uuid, "COOLIFY_CONTAINER_NAME": container}
        return {key: value for key, value in own.items() if self.variables.get(key) is None}

    def own_labels(self, name: str, container: str, image: str) -> list[str]:
        kind = labels.kind_of_service(image)
        self._numbers[kind] += 1
        return labels.stack_labels(self._stack, name, container, kind, self._numbers[kind])


def parse(data: Any, parts: Parts) -> Array:
    """Return what the parser makes of a file (P:373-1513, 1569-2790)."""
    data = php.collected(data)
    services = php.collected(data.get("services"))
    top_level = {key: dict(php.collected(data.get(key))) for key in _KEPT}
    top_level["volumes"] = {name: each for name, each in top_level["volumes"].items() if each is not None}
    generated: set[str] = set()
    for name, service in services.items():
        require_safe(str(name))
        if service is not None and not isinstance(service, dict):
            raise DeploymentFailed(f"{name}: a service must be a map")
        written = environment.as_written(php.collected(service))
        generated |= environment.create_generated(written, parts.variables)
    file = _File(
        [str(name) for name in services],
        generated,
        Volumes(parts.uuid, parts.folder, parts.suffix, top_level["volumes"]),
    )
    parsed: Array = {}
    for name, service in services.items():
        made = _service(str(name), php.collected(service), parts, file)
        if made.get("network_mode") is None:
            top_level["networks"][parts.network] = {"name": parts.network, "external": True}
        parsed[php.as_key(f"{name}{parts.suffix}")] = made
    return {"services": parsed, **{key: section for key, section in top_level.items() if section}}


@dataclass
class _File:
    """What all services of a file share.

    Args:
        names: Of the services.
        generated: Names of the variables that are made up for some service.
        volumes: Theirs.
    """

    names: list[str]
    generated: set[str]
    volumes: Volumes


def _service(name: str, service: Array, parts: Parts, file: _File) -> Array:
    """Return what becomes of a service, its keys in the order they are set."""
    container, image = parts.container(name), php.text(service.get("image"))
    volumes = file.volumes.rewritten(php.collected(service.get("volumes")))
    variables = environment.as_written(service)
    variables = environment.inlined(variables, file.generated, parts.variables, stack=parts.is_stack)
    own = parts.own_variables(container)
    variables = environment.filled(variables, parts.variables, parts.shared)
    found = parts.addresses(name, image)
    if found:
        own["COOLIFY_URL"] = ",".join(each.origin + each.below for each in found)
        own["COOLIFY_FQDN"] = ",".join(each.host + each.below for each in found)
    restart = service.get("restart")
    made = {key: value for key, value in service.items() if key != "exclude_from_hc"}
    made["container_name"] = container
    made["restart"] = "unless-stopped" if restart is None else php.text(restart)
    ours = parts.own_labels(name, container, image)
    made["labels"] = _labels(name, service, ours, parts)
    if service.get("network_mode") is None:
        made["networks"] = {**_networks(service), parts.network: None}
    if volumes:
        made["volumes"] = volumes
    made["environment"] = php.merged(variables, own, service_names(file.names, parts.pull_request))
    if parts.suffix and service.get("depends_on"):
        made["depends_on"] = _with_suffix(php.collected(service["depends_on"]), parts.suffix)
    made["env_file"] = php.unique(php.pushed(php.collected(service.get("env_file")), ".env"))
    return made | parts.image(name, service)


def _labels(name: str, service: Array, ours: list[str], parts: Parts) -> Array:
    found = php.merged(labels.as_list(service.get("labels")), php.listed(*ours))
    if parts.escape_labels:
        found = {key: labels.escaped(value) for key, value in found.items()}
    if not (reached := parts.addresses(name, php.text(service.get("image")))):
        return found
    if service.get("network_mode") is None:
        found = php.merged(found, php.listed(*network_labels(parts.network, found.values())))
    return php.merged(found, php.listed(*proxy_labels(parts.uuid, reached, name, found.values())))


def _networks(service: Array) -> Array:
    """Return the networks of a service; one without settings in a map is lost (P:1005-1020)."""
    found: Array = {}
    for key, network in php.collected(service.get("networks")).items():
        if isinstance(network, str):
            found[php.as_key(network)] = None
        elif isinstance(network, dict):
            found[key] = network
    return found


def _with_suffix(depends_on: Array, suffix: str) -> Array:
    return {
        key if php.is_numeric(str(key)) else f"{key}{suffix}": f"{each}{suffix}" if php.is_numeric(str(key)) else each
        for key, each in depends_on.items()
    }
