#!/usr/bin/python
"""Ansible module: runs preflight on a host and returns its report."""

# MIT License (see LICENSE)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: preflight
short_description: Prove that the image pinned in git is what will run
description:
  - Runs C(preflight run --format json) on the host and returns the report.
  - The task fails where preflight ends with another exit code than 0, or prints no report.
  - It only looks, so it does the same in check mode and never reports a change.
version_added: 0.1.0
author:
  - The authors of deploy-preflight (@deploy-preflight)
attributes:
  check_mode:
    description: Looks as it always does.
    support: full
extends_documentation_fragment: []
options:
  command:
    description: The program and its first words.
    type: list
    elements: str
    default: [preflight]
  chdir:
    description: The folder to run it in, that of C(preflight.yaml).
    type: path
  stage:
    description: Before a rollout, may this commit be rolled out? After it, did it arrive?
    type: str
    choices: [before, after]
    default: before
  wait:
    description: After a rollout, ask again for so many seconds until all is well.
    type: int
    default: 0
  options:
    description: Further options of C(preflight run). They stand in the process list; never put a token there.
    type: list
    elements: str
    default: []
  secrets:
    description: Environment variables whose values nobody may see, e.g. C(PREFLIGHT_COOLIFY_TOKEN).
    type: dict
    default: {}
  timeout:
    description: Seconds after which the program is ended, O(wait) not counted.
    type: int
    default: 90
"""

EXAMPLES = r"""
- name: May this commit be rolled out?
  deploy_preflight.preflight.preflight:
    chdir: /srv/hephaestus

- name: Did the rollout arrive?
  deploy_preflight.preflight.preflight:
    chdir: /srv/hephaestus
    stage: after
    wait: 60
"""

RETURN = r"""
rc:
  description: Exit code of preflight; V(-1) where it was ended.
  type: int
  returned: always
report:
  description: The JSON report, schema C(preflight/1); empty where there is none.
  type: dict
  returned: always
problems:
  description: What is wrong, one line each.
  type: list
  elements: str
  returned: always
"""

import json
import os
import selectors
import signal
import subprocess
import time

from ansible.module_utils.basic import AnsibleModule

_LIMIT = 16 * 1024 * 1024
_ENDED = -1
_BAD = ("fail", "error")


def run(argv, cwd, env, timeout_s):
    """Run the program; return its exit code, standard output and standard error, each bounded.

    The code is ``-1`` where it took too long or printed too much: then it is killed with all it started.
    """
    child = subprocess.Popen(
        argv,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    streams = {child.stdout: bytearray(), child.stderr: bytearray()}
    end = time.monotonic() + timeout_s
    try:
        with selectors.DefaultSelector() as selector:
            for stream in streams:
                selector.register(stream, selectors.EVENT_READ)
            while selector.get_map():
                for key, _events in selector.select(max(0.0, end - time.monotonic())):
                    chunk = os.read(key.fd, 65536)
                    streams[key.fileobj] += chunk
                    if not chunk:
                        selector.unregister(key.fileobj)
                if time.monotonic() >= end or any(len(data) > _LIMIT for data in streams.values()):
                    return _ENDED, "", ""
        code = child.wait(max(0.1, end - time.monotonic()))
    except subprocess.TimeoutExpired:
        return _ENDED, "", ""
    finally:
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        child.wait()
        child.stdout.close()
        child.stderr.close()
    out, err = (bytes(data).decode("utf-8", "replace") for data in streams.values())
    return code, out, err


def report_in(text):
    """Return the report; an empty one where the text is none."""
    try:
        report = json.loads(text)
    except ValueError:
        return {}
    known = isinstance(report, dict) and str(report.get("schema", "")).startswith("preflight/")
    return report if known and isinstance(report.get("checks"), list) else {}


def problems_of(report):
    """Return a line for each finding that fails or could not look."""
    lines = [str(report["problem"])] if report.get("problem") else []
    for check in report.get("checks", ()):
        for finding in check.get("findings", ()):
            if finding.get("status") in _BAD:
                name = "/".join(str(each) for each in (check.get("id"), finding.get("code")) if each)
                lines.append("%s: %s" % (name, finding.get("message", "")))
    return lines


def main():
    """Read the parameters, run preflight, answer."""
    module = AnsibleModule(
        argument_spec={
            "command": {"type": "list", "elements": "str", "default": ["preflight"]},
            "chdir": {"type": "path"},
            "stage": {"type": "str", "choices": ["before", "after"], "default": "before"},
            "wait": {"type": "int", "default": 0},
            "options": {"type": "list", "elements": "str", "default": []},
            "secrets": {"type": "dict", "default": {}, "no_log": True},
            "timeout": {"type": "int", "default": 90},
        },
        supports_check_mode=True,
    )
    given = module.params
    wait = ["--wait", str(given["wait"])] if given["wait"] and given["stage"] == "after" else []
    argv = [*given["command"], "run", *given["options"], "--stage", given["stage"], *wait, "--format", "json"]
    env = {**os.environ, **{name: str(value) for name, value in given["secrets"].items()}}
    try:
        code, out, err = run(argv, given["chdir"], env, given["timeout"] + given["wait"])
    except OSError as error:
        module.fail_json(msg="%s could not be run: %s" % (argv[0], error.strerror), rc=_ENDED, report={}, problems=[])
    report = report_in(out)
    answer = {"rc": code, "report": report, "problems": problems_of(report), "changed": False}
    if code == _ENDED:
        module.fail_json(msg="preflight took longer than %d s, or printed too much" % given["timeout"], **answer)
    if not report:
        said = (err.strip().splitlines() or ["it printed nothing"])[-1][:500]
        module.fail_json(msg="preflight ended with exit code %d and gave no report: %s" % (code, said), **answer)
    if code != 0 or report.get("exit_code") != 0:
        first = (answer["problems"] or ["see the report"])[0]
        module.fail_json(msg="preflight ended with exit code %d: %s" % (code, first), **answer)
    module.exit_json(msg="preflight found nothing wrong", **answer)


if __name__ == "__main__":
    main()
