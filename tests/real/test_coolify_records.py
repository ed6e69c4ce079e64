"""The stand-in for Coolify makes of a compose file what Coolify's real parser made of it.

``tests/real/coolify/records/rendered.json`` holds what the code of 4.3.11 answered; only the time in the names of
containers and the values that it makes up differ from run to run.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.real.coolify import Application, DeploymentFailed, ServiceStack, rewrite
from tests.real.coolify.commands import shell_variables
from tests.real.coolify.dotenv import application_dotenv, stack_dotenv

Record = dict[str, Any]
RECORDS: list[Record] = json.loads((Path(__file__).parent / "coolify/records/rendered.json").read_text())
FLAGS = ("is_preview", "is_runtime", "is_buildtime", "is_literal", "is_multiline")


def set_up(record: Record) -> Application | ServiceStack:
    """Return the application or stack that a record was made with."""
    given = record["given"]
    common = {"uuid": given["uuid"], "number": given["number"], "escape_labels": given.get("escape", True)}
    resource: Application | ServiceStack
    if record["mode"] == "stack":
        resource = ServiceStack(record["compose"], **common)
    else:
        resource = Application(
            Path(),
            raw=record["mode"] == "raw",
            consistent_names=given.get("consistent", False),
            domains=given.get("domains", {}),
            **common,
        )
    for row in given.get("variables", []):
        resource.variables.set(row["key"], row.get("value"), **{key: row[key] for key in FLAGS if key in row})
    return resource


def rendered(record: Record) -> Record:
    """Return what the stand-in makes of a record's file, in the record's words."""
    resource = set_up(record)
    commit, pull_request = record["given"].get("commit", ""), record["given"].get("pr", 0)
    try:
        if isinstance(resource, ServiceStack):
            done = rewrite.rewrite_stack(resource)
            dotenv = stack_dotenv(resource, rewrite.service_names_of(done.deployed or ""))
            prefix = ""
        else:
            text = record["compose"]
            if resource.raw:
                done = rewrite.rewrite_raw(text, resource)
            else:
                done = rewrite.rewrite_default(text, resource, pull_request, commit)
            services = rewrite.service_names_of(text if resource.raw or pull_request else done.column or "")
            dotenv = application_dotenv(resource, services, commit or "c0ffee", pull_request)
            prefix = shell_variables(resource, commit)
    except DeploymentFailed as error:
        return {"refused": str(error)}
    keys = ("key", "value", "is_preview", "made_by_coolify")
    rows = [{key: getattr(row, key) for key in keys} for row in resource.variables]
    return {"deployed": done.deployed, "column": done.column, "dotenv": dotenv, "shell_prefix": prefix, "rows": rows}


def comparable(outcome: Record) -> Record:
    """Return an outcome without the time, and with names in place of the values that Coolify makes up."""
    if "refused" in outcome:
        return {"refused": True}
    text = re.sub(r"-\d{12}\b", "-<time>", json.dumps(outcome))
    for row in outcome["rows"]:
        if row["key"].startswith("SERVICE_") and re.fullmatch(r"\w{16,}", row["value"] or ""):
            text = text.replace(row["value"], f"<{row['key']}>")
    found: Record = json.loads(text)
    return found


@pytest.mark.parametrize("record", RECORDS, ids=[f"{each['mode']}: {each['name']}" for each in RECORDS])
def test_the_stand_in_agrees_with_the_real_parser(record: Record) -> None:
    """Deployed file, column, ``.env``, shell variables and rows are the same, letter by letter."""
    assert comparable(rendered(record)) == comparable(record["rendered"])


def test_the_records_hold_every_mode_and_what_is_refused() -> None:
    """A file of records that were lost would agree with anything."""
    assert {each["mode"] for each in RECORDS} == {"default", "raw", "stack"}
    assert len(RECORDS) == 166
    assert sum("refused" in each["rendered"] for each in RECORDS) == 9
