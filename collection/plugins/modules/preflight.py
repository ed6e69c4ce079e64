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

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.deploy_preflight.preflight.plugins.module_utils.process import ENDED, run

_BAD = ("fail", "error")


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
        module.fail_json(msg="%s could not be run: %s" % (argv[0], error.strerror), rc=ENDED, report={}, problems=[])
    report = report_in(out)
    answer = {"rc": code, "report": report, "problems": problems_of(report), "changed": False}
    if code == ENDED:
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
