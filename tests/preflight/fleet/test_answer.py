"""preflight/fleet/answer.py"""

from typing import Any

import pytest

from preflight.fleet.answer import answered
from preflight.model import Status
from preflight.report import Style
from preflight.run.reporters.json_report import render
from tests.fakes.fleet import host_report


def test_an_answer_is_the_row_of_its_host() -> None:
    """Named as in the inventory, whatever the host calls itself."""
    host = answered("web-1", "runner_on_ok", {"stdout": render(host_report("vm-17"), Style()), "rc": 0}, 90)

    assert (host.name, host.status) == ("web-1", Status.PASS)


GOOD = render(host_report("vm-17"), Style())
OTHER = "schema: expected preflight/1, found preflight/{}: the report was written by {}"
OLDER = OTHER.format(0, "an older preflight, which counted and named things otherwise")
SUDO = "Task failed: Missing sudo password"


@pytest.mark.parametrize(
    "written",
    [
        f"Welcome to vm-17\n{GOOD}",
        f"{GOOD}logout\n",
        f"a\nb\n{render(host_report('vm-17'), Style(verbose=True))}c\nd\n",
    ],
    ids=["motd", "logout", "indented"],
)
def test_lines_around_the_report_are_left_out(written: str) -> None:
    """A login shell or a wrapper may print them."""
    assert answered("web-1", "runner_on_ok", {"stdout": written, "rc": 0}, 90).status is Status.PASS


@pytest.mark.parametrize(
    ("event", "result", "kind", "message", "hint"),
    [
        ("runner_on_unreachable", {"msg": "Task failed: Failed to connect to the host via ssh: ssh: no route"},
         "unreachable", "ssh: no route", "ansible web-1 -m ping"),
        ("runner_on_unreachable", {}, "unreachable", "Ansible could not reach it", "ansible web-1 -m ping"),
        ("runner_on_unreachable", {"msg": "Host key verification failed."}, "unreachable",
         "Host key verification failed.", "compare the host key"),
        ("runner_on_unreachable", {"msg": "mkdir: x: No space left on device"}, "disk full",
         "mkdir: x: No space left on device", "df -h"),
        ("runner_on_failed", {"timedout": {"period": 90}, "msg": "x"}, "timed out", "no answer in 1m 30s", "--timeout"),
        ("runner_on_ok", {"rc": 124, "stdout": ""}, "timed out", "no answer in 1m 30s", "--timeout"),
        ("runner_on_ok", {"rc": -9, "delta": "0:01:32.1"}, "timed out", "no answer in 1m 30s", "--timeout"),
        ("runner_on_ok", {"rc": 137, "delta": "0:00:03.1"}, "killed", "the program was killed after 3s", "memory"),
        ("runner_on_failed", {"msg": SUDO}, "become", "the program was not run: Missing sudo password", "vault"),
        ("runner_on_failed", {"msg": "Incorrect su password"}, "become",
         "the program was not run: Incorrect su password", "ansible_become_password"),
        ("runner_on_ok", {"rc": 127, "stderr": "timeout: failed to run command 'preflight': No such file"},
         "not installed",
         "the program ended with exit code 127: timeout: failed to run command 'preflight': No such file",
         "preflight_command"),
        ("runner_on_ok", {"rc": 1, "stderr": "python3: No module named preflight"}, "not installed",
         "the program ended with exit code 1: python3: No module named preflight", "Install preflight there"),
        ("runner_on_failed", {"msg": "Unable to change directory before execution."}, "no folder",
         "the program was not run: Unable to change directory before execution.", "preflight_chdir"),
        ("runner_on_failed", {"msg": "Error while resolving value for 'chdir': 'x' is undefined"}, "variables",
         "the program was not run: Error while resolving value for 'chdir': 'x' is undefined", "--host web-1"),
        ("runner_on_ok", {"rc": 0, "stdout": ""}, "no report",
         "the program ended with exit code 0 and printed nothing", "program prints"),
        ("runner_on_ok", {"rc": 2, "stderr": "a\nlast\x1b[2J\n"}, "no report",
         "the program ended with exit code 2: last [2J", "program prints"),
        ("runner_on_ok", {"rc": 127, "msg": "MODULE FAILURE", "module_stderr": "\nsh: python3: not found\n"},
         "no Python",
         "the program ended with exit code 127: MODULE FAILURE: sh: python3: not found", "Install Python 3"),
        ("runner_on_failed", {"rc": 126, "msg": "Module result deserialization failed: x",
                              "module_stdout": "/usr/bin/python3: Permission denied\r\n"}, "no Python",
         "the program ended with exit code 126: /usr/bin/python3: Permission denied", "Install Python 3"),
        ("runner_on_failed", {"msg": "no luck", "stdout": 7}, "no report",
         "the program was not run: no luck", "program prints"),
        ("runner_on_skipped", {}, "no report", "the program was not run and printed nothing", "program prints"),
        ("runner_on_ok", {"rc": 0, "stdout": "hi"}, "no report",
         "what the program printed is no report: line 1: expected JSON: expecting value", "program prints"),
        ("runner_on_ok", {"rc": 0, "stdout": GOOD[:99]}, "no report",
         "what the program printed is no report: it is cut off after 99 characters", "program prints"),
        ("runner_on_ok", {"rc": 0, "stdout": GOOD.replace("preflight/", "preflight/9")}, "other version",
         OTHER.format(91, "a newer preflight"), "one version"),
        ("runner_on_ok", {"rc": 0, "stdout": '{"schema": "preflight/0"}'}, "other version",
         OLDER, "one version"),
        ("runner_on_ok", {"rc": 0, "stdout": " x" * (9 << 20)}, "no report", "the program printed more than 16 MiB",
         "program prints"),
    ],
)  # fmt: skip
def test_every_other_answer_is_an_error(event: str, result: dict[str, Any], kind: str, message: str, hint: str) -> None:
    """With its reason, made fit to show, and what to do."""
    host = answered("web-1", event, result, 90)

    assert (host.name, host.status, host.exit_code) == ("web-1", Status.ERROR, 3)
    assert host.first is not None
    assert (host.first.name, host.first.message) == (kind, message)
    assert hint in host.first.hint


@pytest.mark.parametrize(
    ("name", "shown"), [("::1", "::1"), ("web 1; reboot", "'web 1; reboot'"), ("a\x1b[2Jb", "'a [2Jb'")]
)
def test_a_command_in_a_hint_can_be_pasted(name: str, shown: str) -> None:
    """Whatever the inventory calls the host."""
    host = answered(name, "runner_on_unreachable", {}, 90)

    assert host.first is not None
    assert host.first.hint.endswith(f": ansible {shown} -m ping")
