"""Findings made fit to show: whatever a check quoted from outside becomes one printable, bounded line."""

import math
from collections.abc import Mapping
from dataclasses import replace

from preflight.lib.text import printable
from preflight.model import Finding, Json, Location, Status

_MESSAGE_LIMIT = 500
_HINT_LIMIT = 800
_EVIDENCE_LIMIT = 1000
_ITEMS = 2000
_DEPTH = 8


def clean(finding: Finding) -> Finding:
    """Return the finding with every text in it printable, and its evidence bounded in size and depth.

    Raises:
        TypeError, ValueError: It holds what no report can show, e.g. evidence that is no JSON.
    """
    return replace(
        finding,
        status=Status(finding.status),
        message=printable(finding.message, _MESSAGE_LIMIT),
        hint=printable(finding.hint, _HINT_LIMIT),
        evidence=clean_evidence(finding.evidence),
        location=_clean_location(finding.location),
    )


def clean_evidence(evidence: Mapping[str, Json]) -> dict[str, Json]:
    """Return the evidence of a finding with every text in it printable, bounded in size and depth.

    Raises:
        TypeError: It is no plain data.
    """
    return {printable(str(key), 80): _clean_json(value, _DEPTH) for key, value in evidence.items()}


def _clean_location(location: Location | None) -> Location | None:
    return None if location is None else Location(printable(location.path, _EVIDENCE_LIMIT), location.line)


def _clean_json(value: Json, depth: int) -> Json:
    if isinstance(value, str):
        return printable(value, _EVIDENCE_LIMIT)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # JSON has no such number
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth == 0:
        return "…"
    if isinstance(value, dict):
        return {printable(str(key), 200): _clean_json(item, depth - 1) for key, item in list(value.items())[:_ITEMS]}
    if isinstance(value, list | tuple):
        return [_clean_json(item, depth - 1) for item in value[:_ITEMS]]
    raise TypeError("evidence must be plain data")
