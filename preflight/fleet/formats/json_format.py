"""The fleet as one JSON document, schema ``preflight-fleet/1`` (``preflight/fleet/formats/schema.json``)."""

import json
from datetime import UTC, datetime

from preflight.fleet.fleet import Fleet
from preflight.fleet.host import Host
from preflight.model import Json
from preflight.report import Style

SCHEMA = "preflight-fleet/1"


def render(fleet: Fleet, style: Style) -> str:
    """Return the fleet; indented for a person who asked for more (``-v``), one line otherwise."""
    return json.dumps(as_data(fleet), indent=2 if style.verbose else None, ensure_ascii=True) + "\n"


def as_data(fleet: Fleet) -> dict[str, Json]:
    """Return the fleet as plain data."""
    return {
        "schema": SCHEMA,
        "at": _instant(fleet.now),
        "status": fleet.status,
        "exit_code": int(fleet.exit_code),
        "summary": {status.value: count for status, count in fleet.totals.items()},
        "hosts": [_host(host, fleet) for host in fleet.hosts],
        "differences": [
            {
                "what": each.what,
                "variable": each.variable or None,
                "service": each.service or None,
                "same": each.same,
                "says": each.sentence,
                "groups": [
                    {"value": group.value or None, "shown": group.shown or None, "hosts": [*group.hosts]}
                    for group in each.groups
                ],
            }
            for each in fleet.differences
        ],
    }


def _host(host: Host, fleet: Fleet) -> dict[str, Json]:
    age_s = fleet.age_s(host)
    return {
        "host": host.name,
        "file": host.source or None,
        "status": host.status,
        "exit_code": int(host.exit_code),
        "stage": host.stage,
        "started": _instant(host.started) if host.started else None,
        "age_s": None if age_s is None else round(age_s, 3),
        "old": fleet.is_old(host),
        "version": host.version or None,
        "project": host.project or None,
        "commit": host.commit or None,
        "pins": [
            {
                "variable": pin.variable,
                "service": pin.service,
                "release": pin.release or None,
                "digest": pin.digest or None,
                "running": [{"digest": each, "release": fleet.releases.get(each)} for each in pin.running],
            }
            for pin in host.pins
        ],
        "problems": [
            {"status": each.status, "name": each.name, "message": each.message, "hint": each.hint}
            for each in host.troubles
        ],
        "problems_left_out": host.more,
    }


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
