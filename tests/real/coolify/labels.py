"""Labels and names of containers as Coolify gives them (D:345-415, P:1289-1298, App 2072-2081)."""

import re
from datetime import UTC, datetime

from tests.real.coolify import php
from tests.real.coolify.php import Array
from tests.real.coolify.resource import VERSION, Application, ServiceStack

_DATABASES = {
    *("clickhouse-server", "couchdb", "influxdb", "mariadb", "memcached", "mongo", "mongodb", "mysql", "mysql-server"),
    *("neo4j", "pgvector", "postgis", "postgres", "postgresql", "redis", "timescaledb", "timescaledb-ha"),
}
"""What a stack takes for a database, by the last part of the image's name."""


def as_list(labels: object) -> Array:
    """Return labels as a list of ``key=value``; ``true`` becomes 1 and ``false`` nothing (P:700-708)."""
    found = php.collected(labels)
    if php.is_list(found):
        return found
    return php.listed(*(f"{key}={php.text(value)}" for key, value in found.items()))


def escaped(value: object) -> object:
    """Return a label with its dollar signs doubled, so that Compose writes one (D:1523)."""
    if isinstance(value, dict):
        return {key: escaped(each) for key, each in value.items()}
    return php.text(value).replace("$", "$$")


def with_raw_labels(service: object, application: Application) -> Array:
    """Return a service with the three labels of raw mode.

    They are pushed under numbers, which Compose refuses beside names; and each is left out where some label is its
    name alone or ``true``, because PHP takes ``true`` for equal to any text.
    """
    found = dict(service) if isinstance(service, dict) else {}
    pushed = php.collected(found.get("labels"))
    ours = {"coolify.managed": "true", "coolify.applicationId": str(application.number), "coolify.type": "application"}
    for name, value in ours.items():
        if not any(php.same(name, each) for each in pushed.values()):
            pushed = php.pushed(pushed, f"{name}={value}")
    return {**found, "labels": pushed}


def application_labels(application: Application, container: str, pull_request: int) -> list[str]:
    """Return default mode's labels; none of them tells the UUID."""
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


def stack_labels(stack: ServiceStack, service: str, container: str, kind: str, number: int) -> list[str]:
    """Return the labels of a service of a stack.

    Args:
        stack: Whose service it is.
        service: Its name.
        container: The container's name.
        kind: ``application`` or ``database``.
        number: Of the service in the table of its kind.
    """
    return [
        "coolify.managed=true",
        f"coolify.version={VERSION}",
        f"coolify.serviceId={stack.number}",
        "coolify.type=service",
        f"coolify.name={slug(container)}",
        f"coolify.resourceName={slug(stack.name)}",
        "coolify.projectName=my-project",
        f"coolify.serviceName={slug(service)}",
        "coolify.environmentName=production",
        "coolify.pullRequestId=0",
        f"coolify.service.subId={number}",
        f"coolify.service.subType={kind}",
        f"coolify.service.subName={slug(service)}",
    ]


def container_name(service: str, application: Application, pull_request: int) -> str:
    """Return the name: digits are hour, minute, second and microseconds."""
    if pull_request:
        return f"{service}-{application.uuid}-pr-{pull_request}"
    if application.consistent_names:
        return f"{service}-{application.uuid}"
    return f"{service}-{application.uuid}-{datetime.now(UTC):%H%M%S%f}"


def kind_of_service(image: str) -> str:
    """Return ``database`` or ``application``."""
    return "database" if image.partition(":")[0].rpartition("/")[2] in _DATABASES else "application"


def slug(text: str) -> str:
    """Return a name as labels have it (Laravel's ``Str::slug``)."""
    kept = re.sub(r"[^-\w\s]", "", text.replace("_", "-").replace("@", "-at-").lower())
    return re.sub(r"[-\s]+", "-", kept).strip("-")
