"""The ``.env`` that Coolify writes: rows, order, quotes (AJ 1326-1493, EV 268-303, Svc 1605-1641)."""

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping

from tests.real.coolify.proxy import addresses
from tests.real.coolify.resource import Application, ServiceStack, UiVariable, with_shared

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
    rows = list(_preview_rows(application) if pull_request else _by_reference(_runtime_rows(application)))
    there = {row.key for row in application.variables if row.is_preview is bool(pull_request)}
    lines = [] if "SOURCE_COMMIT" in there else [f"SOURCE_COMMIT={commit}"]
    # An application of this build pack has no address of its own; and each line hangs on the row of the other one.
    lines += [] if "COOLIFY_FQDN" in there else ["COOLIFY_URL="]
    lines += [] if "COOLIFY_URL" in there else ["COOLIFY_FQDN="]
    if not pull_request:
        lines += [f"{key}={value}" for key, value in service_addresses(application).items()]
    lines += [f"{key}={value}" for key, value in service_names(services, pull_request).items()]
    lines += [f"{row.key}={_value(row, application.shared)}" for row in rows]
    if "HOST" not in there:
        lines.append("HOST=0.0.0.0")
    return "\n".join(lines)


def stack_dotenv(stack: ServiceStack, services: Iterable[str]) -> str:
    """Return the text of a stack's ``.env``: no filter by time, no HOST, no COOLIFY lines."""
    rows = sorted(stack.variables, key=_place_in_stack)
    names = [f"{key}={value}" for key, value in service_names(services, 0).items()]
    return "\n".join([*names, *(f"{row.key}={_value(row, stack.shared)}" for row in rows)])


def build_time_dotenv(application: Application, pull_request: int) -> str:
    """Return the rows for the time of the build, in quotes for a shell (AJ 1613-1878)."""
    rows = [row for row in application.variables if row.is_buildtime and row.is_preview is bool(pull_request)]
    return "\n".join(f"{row.key}={shlex.quote(with_shared(row.value or '', application.shared))}" for row in rows)


def service_names(services: Iterable[str], pull_request: int) -> dict[str, str]:
    """Return ``SERVICE_NAME_X=x``, which tells a preview's ``.env`` (AJ 1440-1444)."""
    suffix = f"-pr-{pull_request}" if pull_request else ""
    return {f"SERVICE_NAME_{in_variable(service)}": f"{service}{suffix}" for service in services}


def service_addresses(application: Application) -> dict[str, str]:
    """Return ``SERVICE_URL_X`` and ``SERVICE_FQDN_X`` of the services with a domain: the first, without its port."""
    found = {}
    for service, setting in application.domains.items():
        for address in addresses(setting)[:1]:
            found[f"SERVICE_URL_{in_variable(service)}"] = address.origin + address.path.rstrip("/")
            found[f"SERVICE_FQDN_{in_variable(service)}"] = address.host
    return found


def in_variable(service: str) -> str:
    """Return a service's name as part of a variable's."""
    return re.sub(r"[-.]", "_", service).upper()


def _runtime_rows(application: Application, *, is_preview: bool = False) -> list[UiVariable]:
    found = [
        row
        for row in application.variables
        if row.is_preview is is_preview and row.is_runtime and not row.key.startswith((*_GENERATED, *_BUILDERS))
    ]
    return sorted(found, key=lambda row: row.key) if application.sorted_variables else found


def _preview_rows(application: Application) -> Iterator[UiVariable]:
    """Yield the previews' rows and, if there is one, production's where a name is missing (AJ 1446-1478)."""
    own = _runtime_rows(application, is_preview=True)
    yield from _by_reference(own)
    if own:
        keys = {row.key for row in own}
        yield from (row for row in _runtime_rows(application) if row.key not in keys)


def _by_reference(rows: Iterable[UiVariable]) -> list[UiVariable]:
    """Return the rows with those last that refer to a generated variable (AJ 1382-1388)."""
    return sorted(rows, key=lambda row: (row.value or "").startswith("$SERVICE_") or "${SERVICE_" in (row.value or ""))


def _place_in_stack(row: UiVariable) -> int:
    """Return the place among the rows of a stack: generated ones, those that refer to one, the others."""
    if row.key.startswith("SERVICE_"):
        return 1
    return 2 if (row.value or "").startswith(("$SERVICE_", "${SERVICE_")) else 3


def _value(row: UiVariable, shared: Mapping[str, str]) -> str:
    """Return a value as it is written: JSON bare, literal and multi-line in single quotes, the rest escaped."""
    text = with_shared(row.value or "", shared)
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
