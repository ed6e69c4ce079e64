"""preflight/fleet/play.py"""

from typing import Any

import pytest
import yaml

from preflight.fleet.play import ASK_TASK, answered, play
from preflight.model import Status
from preflight.report import Style
from preflight.run.reporters.json_report import render
from tests.fakes.fleet import host_report


class Loader(yaml.SafeLoader):
    """Knows the tag by which Ansible takes a text as it is."""


def unsafe(loader: Loader, node: yaml.ScalarNode) -> tuple[str, object]:
    """Return the text and what was said of it."""
    return "unsafe", loader.construct_scalar(node)


Loader.add_constructor("!unsafe", unsafe)


def test_no_option_is_a_template() -> None:
    """What stands behind -- reaches the host as it was typed."""
    text = play(["--only", '{{ lookup("env", "HOME") }}', "'a' # b"], 90)
    task = yaml.load(text, Loader)[0]["tasks"][1]  # noqa: S506 -- it is a SafeLoader

    assert task["name"] == ASK_TASK
    assert task["vars"]["preflight_fleet_options"] == [
        ("unsafe", word) for word in ("run", "--only", '{{ lookup("env", "HOME") }}', "'a' # b", "--format", "json")
    ]
    assert task["timeout"] == 100
    assert task["ansible.builtin.command"]["argv"].startswith("{{ ['timeout', '-k', '2', '90'] + ")


def test_an_answer_is_the_row_of_its_host() -> None:
    """Named as in the inventory, whatever the host calls itself."""
    host = answered("web-1", "runner_on_ok", {"stdout": render(host_report("vm-17"), Style()), "rc": 0}, 90)

    assert (host.name, host.status) == ("web-1", Status.PASS)


@pytest.mark.parametrize(
    ("event", "result", "kind", "message"),
    [
        ("runner_on_unreachable", {"msg": "ssh: no route"}, "unreachable", "ssh: no route"),
        ("runner_on_unreachable", {}, "unreachable", "Ansible could not reach it"),
        ("runner_on_failed", {"timedout": {"period": 90}, "msg": "x"}, "timed out", "no answer in 1m 30s"),
        ("runner_on_ok", {"rc": 124, "stdout": ""}, "timed out", "no answer in 1m 30s"),
        ("runner_on_ok", {"rc": 0, "stdout": ""}, "no report",
         "the program ended with exit code 0 and printed nothing"),
        ("runner_on_ok", {"rc": 2, "stderr": "a\nlast\x1b[2J\n"}, "no report",
         "the program ended with exit code 2: last [2J"),
        ("runner_on_ok", {"rc": 127, "msg": "MODULE FAILURE", "module_stderr": "\npython3: not found\n"}, "no report",
         "the program ended with exit code 127: MODULE FAILURE: python3: not found"),
        ("runner_on_failed", {"msg": "no folder", "stdout": 7}, "no report", "the program was not run: no folder"),
        ("runner_on_skipped", {}, "no report", "the program was not run and printed nothing"),
        ("runner_on_ok", {"rc": 0, "stdout": "hi"}, "no report",
         "what the program printed is no report: line 1: expected JSON: expecting value"),
        ("runner_on_ok", {"rc": 0, "stdout": " x" * (9 << 20)}, "no report", "the program printed more than 16 MiB"),
    ],
)  # fmt: skip
def test_every_other_answer_is_an_error(event: str, result: dict[str, Any], kind: str, message: str) -> None:
    """With its reason, made fit to show."""
    host = answered("web-1", event, result, 90)

    assert (host.name, host.status, host.exit_code) == ("web-1", Status.ERROR, 3)
    assert host.first is not None
    assert (host.first.name, host.first.message) == (kind, message)
    assert host.first.hint
