"""``preflight list``: which checks there are."""

import json
from pathlib import Path
from typing import Any

import click

from preflight.cli.debug import debug_option, echo_broken
from preflight.cli.formats import list_format_option
from preflight.cli.options import checks_dir_option, config_option
from preflight.errors import ExitCode
from preflight.run.discovery import Discovered


@click.command("list")
@config_option
@checks_dir_option
@list_format_option()
@debug_option
def list_checks(checks_dir: tuple[str, ...], **options: Any) -> int:
    """List every check: id, title, tags and what it needs."""
    from preflight.run.discovery import discover

    found = discover([Path(folder) for folder in checks_dir])
    click.echo(_as_json(found) if options["format"] == "json" else _as_table(found))
    echo_broken(found.broken, debug=options["debug"])
    return ExitCode.COULD_NOT_LOOK if found.broken else ExitCode.OK


def _facts(found: Discovered) -> list[dict[str, Any]]:
    return [
        {
            "id": check.about.id,
            "title": check.about.title,
            "tags": sorted(check.about.tags),
            "needs": sorted(need.value for need in check.about.needs),
        }
        for check in found.checks
    ]


def _as_json(found: Discovered) -> str:
    return json.dumps({"checks": _facts(found)}, indent=2)


def _as_table(found: Discovered) -> str:
    from preflight.cli.terminal import width
    from preflight.run.reporters.columns import columns

    rows = [
        (facts["id"], facts["title"], ", ".join(facts["tags"]), ", ".join(facts["needs"])) for facts in _facts(found)
    ]
    return columns(("CHECK", "TITLE", "TAGS", "NEEDS"), rows, width(), flexible=(1, 2, 3))
