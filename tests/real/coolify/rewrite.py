"""What Coolify makes of a compose file: the rewrite of default mode, of raw mode and of service stacks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import yaml

from tests.real.coolify.dotenv import service_addresses, service_names
from tests.real.coolify.resource import VERSION, Application, ServiceStack, Variables

Yaml = dict[str, Any]
_KEPT = ("services", "volumes", "networks", "configs", "secrets")
"""Top-level keys that survive default mode and service stacks (P:393-398, 1496-1512)."""
_OWN = [".env"]
_REFERENCE = re.compile(r"\$(?:\{(?P<braced>\w+)(?::?[-?](?P<default>.*?))?\}|(?P<bare>\w+)$)", re.DOTALL)


@dataclass(frozen=True)
class Rewritten:
    """Both texts that Coolify has of one file.

    Args:
        deployed: What `up` reads.
        column: What the UI ("Deployable Compose") and the API (``docker_compose``) show; in default mode it lists the
            repository's own env files too, which is not what is deployed (P:1513 against AJ 698-702).
    """

    deployed: str
    column: str


class _Dumper(yaml.SafeDumper):
    """Writes everything out: the parsed file has no anchors any more."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 -- the library's name and signature
        return True


def load(text: str) -> Yaml:
    """Return a compose file as plain values."""
    return yaml.safe_load(text) or {}


def dump(data: Yaml) -> str:
    """Return the file as Coolify writes it: without comments and anchors."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, default_flow_style=False, allow_unicode=True, width=10_000)


def rewrite_default(text: str, application: Application, pull_request: int) -> Rewritten:
    """Do what default mode does (applicationParser, then AJ 696-703)."""
    data = load(text)
    suffix = f"-pr-{pull_request}" if pull_request else ""
    names = list(data.get("services", {}))
    services = {}
    for name, service in data.get("services", {}).items():
        services[f"{name}{suffix}"] = _in_application(name, service, names, application, pull_request)
    kept: Yaml = {**{key: data[key] for key in _KEPT if key in data}, "services": services}
    column = dump({**kept, "services": {name: _appended(each) for name, each in services.items()}})
    deployed = {name: {**each, "env_file": _OWN} for name, each in services.items()}
    return Rewritten(dump({**kept, "services": deployed}), column)


def rewrite_raw(text: str, application: Application) -> Rewritten:
    """Do what raw mode does: three labels are pushed, all else stays (App 2031-2090).

    The parser runs nevertheless, and creates its rows among the UI's variables (App 2200).
    """
    column = rewrite_default(text, application, 0).column
    data = load(text)
    for service in data.get("services", {}).values():
        _push(service, _raw_labels(application))
    return Rewritten(dump(data), column)


def rewrite_stack(stack: ServiceStack) -> Rewritten:
    """Do what happens to a service stack: ``.env`` is appended last to every service's files (P:2743-2751)."""
    data = load(stack.compose)
    names = list(data.get("services", {}))
    services = {}
    for number, (name, service) in enumerate(data.get("services", {}).items(), start=1):
        container = f"{name}-{stack.uuid}"
        own = {"COOLIFY_RESOURCE_UUID": stack.uuid, "COOLIFY_CONTAINER_NAME": container, **service_names(names, 0)}
        made = {
            **service,
            "container_name": container,
            "restart": service.get("restart", "unless-stopped"),
            "labels": [*_as_list(service.get("labels", [])), *_stack_labels(stack, name, number, container)],
            "environment": {**_environment(service, stack.variables), **own},
        }
        services[name] = _appended(made)
    text = dump({**{key: data[key] for key in _KEPT if key in data}, "services": services})
    return Rewritten(text, text)


def _in_application(name: str, service: Yaml, names: list[str], application: Application, pull_request: int) -> Yaml:
    container = _container_name(name, application, pull_request)
    own = {
        "COOLIFY_BRANCH": f'"{f"pull/{pull_request}/head" if pull_request else application.branch}"',
        "COOLIFY_RESOURCE_UUID": application.uuid,
        "COOLIFY_CONTAINER_NAME": container,
        **service_addresses(application),
        **service_names(names, pull_request),
    }
    own = {key: value for key, value in own.items() if application.variables.get(key) is None}
    labels = [*_as_list(service.get("labels", [])), *_labels(application, container, pull_request)]
    made = {
        **service,
        "container_name": container,
        "restart": service.get("restart", "unless-stopped"),
        "labels": labels,
        "environment": {**_environment(service, application.variables), **own},
    }
    if pull_request and "depends_on" in service:
        made["depends_on"] = _with_suffix(service["depends_on"], pull_request)
    return made


def _with_suffix(depends_on: Any, pull_request: int) -> Any:
    if isinstance(depends_on, Mapping):
        return {f"{name}-pr-{pull_request}": value for name, value in depends_on.items()}
    return [f"{name}-pr-{pull_request}" for name in depends_on]


def _environment(service: Yaml, variables: Variables) -> Yaml:
    """Return what becomes of ``environment:`` (P:713-719, 999-1130, 1306-1340).

    Build arguments are merged in; ``- X`` is an empty X, which a row of the UI may fill; each reference to a variable
    makes a row, and all but ``X: ${X}`` also an entry with that row's value.
    """
    build = service.get("build")
    arguments = build.get("args") if isinstance(build, Mapping) else None
    found = {**_as_map(service.get("environment")), **_as_map(arguments)}
    for key, value in list(found.items()):
        if key.startswith("SERVICE_") or not isinstance(value, str) or not value.startswith("$"):
            continue
        reference = _REFERENCE.match(value)
        if value.startswith("$SERVICE_"):
            variables.first_or_create(key, value)
        elif value in (f"${{{key}}}", f"${key}"):
            variables.first_or_create(key, None)
        elif reference is not None:
            name = reference["braced"] or reference["bare"]
            found[name] = variables.first_or_create(name, reference["default"]).value
    return {key: _filled(key, value, variables) for key, value in found.items()}


def _filled(key: str, value: Any, variables: Variables) -> Any:
    """Return the UI's value where the file has an empty one; null stays null."""
    row = variables.get(key)
    return row.value if value == "" and row is not None and row.value else value


def _as_map(entries: Any) -> Yaml:
    """Return a list or map of variables as a map; a bare name becomes empty (SH:4084-4091)."""
    if entries is None:
        return {}
    if isinstance(entries, Mapping):
        return {str(key): value for key, value in entries.items()}
    return {key: value for key, _, value in (str(entry).partition("=") for entry in entries)}


def _as_list(labels: Any) -> list[str]:
    if isinstance(labels, Mapping):
        return [f"{key}={value}" for key, value in labels.items()]
    return list(labels)


def _appended(service: Yaml) -> Yaml:
    """Return a service whose list of env files ends with Coolify's own, without duplicates (P:1465-1471)."""
    files = service.get("env_file", [])
    listed = [files] if isinstance(files, str) else list(files)
    unique = [each for number, each in enumerate([*listed, *_OWN]) if each not in [*listed, *_OWN][:number]]
    return {**service, "env_file": unique}


def _push(service: Yaml, labels: list[str]) -> None:
    """Add labels as raw mode does: to a map they get numbers for names, which Compose refuses (App 2072-2081)."""
    there = service.get("labels")
    if isinstance(there, dict):
        there.update(enumerate(labels))
    else:
        service["labels"] = [*(there or []), *labels]


def _container_name(name: str, application: Application, pull_request: int) -> str:
    """Return the name (P:724-728, D:345-360): digits are hour, minute, second and microseconds."""
    if pull_request:
        return f"{name}-{application.uuid}-pr-{pull_request}"
    if application.consistent_names:
        return f"{name}-{application.uuid}"
    return f"{name}-{application.uuid}-{datetime.now(UTC):%H%M%S%f}"


def _raw_labels(application: Application) -> list[str]:
    return ["coolify.managed=true", f"coolify.applicationId={application.number}", "coolify.type=application"]


def _labels(application: Application, container: str, pull_request: int) -> list[str]:
    """Return default mode's labels (D:394-415); none of them tells the UUID."""
    name = slug(application.name)
    return [
        "coolify.managed=true",
        f"coolify.version={VERSION}",
        f"coolify.applicationId={application.number}",
        "coolify.type=application",
        f"coolify.name={slug(container)}",
        f"coolify.resourceName={name}",
        "coolify.projectName=my-project",
        f"coolify.serviceName={name}",
        "coolify.environmentName=production",
        f"coolify.pullRequestId={pull_request}",
    ]


def _stack_labels(stack: ServiceStack, name: str, number: int, container: str) -> list[str]:
    return [
        "coolify.managed=true",
        f"coolify.version={VERSION}",
        f"coolify.serviceId={stack.number}",
        "coolify.type=service",
        f"coolify.name={slug(container)}",
        f"coolify.resourceName={slug(stack.name)}",
        "coolify.projectName=my-project",
        f"coolify.serviceName={slug(name)}",
        "coolify.environmentName=production",
        "coolify.pullRequestId=0",
        f"coolify.service.subId={number}",
        "coolify.service.subType=application",
        f"coolify.service.subName={slug(name)}",
    ]


def slug(text: str) -> str:
    """Return a name as labels have it."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
