"""The ``.env`` that Coolify writes: rows, order, quotes (AJ 1326-1493, EV 268-303, Svc 1605-1641)."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from tests.real.coolify.resource import Application, ServiceStack, UiVariable

_GENERATED = ("SERVICE_FQDN_", "SERVICE_URL_", "SERVICE_NAME_")
_BUILDERS = ("NIXPACKS_", "RAILPACK_")
_ESCAPES = str.maketrans({"\\": "\\\\", "\r": "\\r", "\t": "\\t", "\0": "\\0", '"': '\\"', "'": "\\'"})


def application_dotenv(application: Application, services: Iterable[str], commit: str, pull_request: int) -> str:
    """Return the text of an application's ``.env``; its last line has no end.

    Args:
        application: Whose it is.
        services: Names as the repository has them.
        commit: That is deployed.
        pull_request: 0 for production.
    """
    rows = list(_preview_rows(application) if pull_request else _production_rows(application))
    lines = [f"SOURCE_COMMIT={commit}", *(f"{key}={value}" for key, value in addresses(application).items())]
    lines += [f"{key}={value}" for key, value in service_addresses(application).items()]
    lines += [f"{key}={value}" for key, value in service_names(services, pull_request).items()]
    lines += _formatted(rows, application.shared)
    if not any(row.key == "HOST" for row in rows):
        lines.append("HOST=0.0.0.0")
    return "\n".join(lines)


def stack_dotenv(stack: ServiceStack, services: Iterable[str]) -> str:
    """Return the text of a stack's ``.env``: no filter by time, no HOST, no COOLIFY lines."""
    rows = sorted(stack.variables, key=lambda row: not row.key.startswith("SERVICE_"))
    names = [f"{key}={value}" for key, value in service_names(services, 0).items()]
    return "\n".join([*names, *(f"{row.key}={_value(row, stack.shared)}" for row in rows)])


def service_names(services: Iterable[str], pull_request: int) -> dict[str, str]:
    """Return ``SERVICE_NAME_X=x``, which tells a preview's ``.env`` (AJ 1440-1444)."""
    suffix = f"-pr-{pull_request}" if pull_request else ""
    return {f"SERVICE_NAME_{in_variable(service)}": f"{service}{suffix}" for service in services}


def service_addresses(application: Application) -> dict[str, str]:
    """Return ``SERVICE_URL_X`` and ``SERVICE_FQDN_X`` of the services with a domain."""
    found = {}
    for service, address in application.domains.items():
        found[f"SERVICE_URL_{in_variable(service)}"] = address
        found[f"SERVICE_FQDN_{in_variable(service)}"] = urlsplit(address).hostname or ""
    return found


def addresses(application: Application) -> dict[str, str]:
    """Return the application's own address, if a service has one."""
    first = next(iter(application.domains.values()), None)
    return {} if first is None else {"COOLIFY_URL": first, "COOLIFY_FQDN": urlsplit(first).hostname or ""}


def in_variable(service: str) -> str:
    """Return a service's name as part of a variable's."""
    return re.sub(r"[-.]", "_", service).upper()


def _production_rows(application: Application) -> Iterator[UiVariable]:
    for row in application.variables:
        if not row.is_preview and row.is_runtime and not row.key.startswith((*_GENERATED, *_BUILDERS)):
            yield row


def _preview_rows(application: Application) -> Iterator[UiVariable]:
    """Yield the previews' rows and, if there is one, production's where a name is missing (AJ 1446-1478)."""
    own = [
        row
        for row in application.variables
        if row.is_preview and row.is_runtime and not row.key.startswith((*_GENERATED, *_BUILDERS))
    ]
    yield from own
    if own:
        keys = {row.key for row in own}
        yield from (row for row in _production_rows(application) if row.key not in keys)


def _formatted(rows: Iterable[UiVariable], shared: Mapping[str, str]) -> list[str]:
    """Return the lines; those that refer to a generated variable come last (AJ 1337, 1495)."""
    ordered = sorted(rows, key=lambda row: "$SERVICE_" in (row.value or "") or "${SERVICE_" in (row.value or ""))
    return [f"{row.key}={_value(row, shared)}" for row in ordered]


def _value(row: UiVariable, shared: Mapping[str, str]) -> str:
    """Return a value as it is written: JSON bare, literal and multi-line in single quotes, the rest escaped."""
    if row.value is None:
        return ""
    text = re.sub(r"{{\s*([\w.]+)\s*}}", lambda found: shared.get(found[1], found[0]), row.value.strip())
    if text.startswith(("{", "[")) and _is_json(text):
        return text
    if row.is_literal or row.is_multiline:
        return f"'{text}'"
    return text.translate(_ESCAPES)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
