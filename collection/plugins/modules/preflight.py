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
  - The task fails if preflight exits with a code other than 0, or prints no report.
  - It only looks, so it does the same in check mode and never reports a change.
version_added: 0.2.0
author:
  - The authors of deploy-preflight (@deploy-preflight)
attributes:
  check_mode:
    description: Looks as it always does.
    support: full
  diff_mode:
    description: It changes nothing, so there is no difference to show.
    support: none
  platform:
    description: The platforms that preflight runs on.
    platforms: linux
    support: full
requirements:
  - preflight 0.2.0 or later on the host
options:
  command:
    description: The program and its first words, each as it is; no shell reads them.
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
    description:
      - Environment variables whose values nobody may see, e.g. C(PREFLIGHT_COOLIFY_TOKEN).
      - Ansible replaces these values wherever they occur in what the task returns, so give no ordinary words here.
    type: dict
    default: {}
  timeout:
    description: Seconds after which the program is ended; those of O(wait) are added.
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
    secrets:
      PREFLIGHT_COOLIFY_TOKEN: "{{ vault_coolify_token }}"
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
  sample: ["runs/stale: app-1 carries an earlier pin"]
msg:
  description: The verdict in one line.
  type: str
  returned: always
  sample: preflight found nothing wrong
"""

import json
import os

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.deploy_preflight.preflight.plugins.module_utils.process import ENDED, run

_SCHEMA = "preflight/1"
_BAD = ("fail", "error")


def report_in(text):
    """Return the report; an empty one where the text is none."""
    try:
        report = json.loads(text)
        known = report["schema"] == _SCHEMA and isinstance(report["checks"], list)
        well_formed = all(isinstance(finding, dict) for check in report["checks"] for finding in check["findings"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return {}
    return report if known and well_formed else {}


def problems_of(report):
    """Return a line for each finding that fails or could not look."""
    lines = [str(report["problem"])] if report.get("problem") else []
    for check in report["checks"]:
        for finding in check["findings"]:
            if finding.get("status") in _BAD:
                name = "/".join(str(each) for each in (check.get("id"), finding.get("code")) if each)
                lines.append("%s: %s" % (name, finding.get("message", "")))
    return lines


def what_is_wrong_with(given):
    """Return what is wrong with the parameters, or nothing; no value of a secret."""
    words = [*given["command"], *given["options"]]
    if not given["command"]:
        return "command is empty"
    if given["timeout"] < 1 or given["wait"] < 0:
        return "timeout must be at least 1, and wait at least 0"
    for name, value in given["secrets"].items():
        if not isinstance(value, (str, int, float)) or not str(value):
            return "secrets: %s has no value that an environment variable can hold" % name
        words += [name, str(value)]
    if any("\0" in word for word in words) or any(not name or "=" in name for name in given["secrets"]):
        return "a word has a zero byte, or a secret has no name that an environment variable can have"
    return ""


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
    nothing = {"rc": ENDED, "report": {}, "problems": []}
    wrong = what_is_wrong_with(given)
    if wrong:
        module.fail_json(msg=wrong, **nothing)
    wait = ["--wait", str(given["wait"])] if given["wait"] and given["stage"] == "after" else []
    argv = [*given["command"], "run", *given["options"], "--stage", given["stage"], *wait, "--format", "json"]
    env = {**os.environ, **{name: str(value) for name, value in given["secrets"].items()}}
    try:
        code, out, err = run(argv, given["chdir"], env, given["timeout"] + given["wait"])
    except OSError as error:
        what = "chdir %s" if error.filename == given["chdir"] else "%s could not be run"
        module.fail_json(msg="%s: %s" % (what % (error.filename or argv[0]), error.strerror), **nothing)
    report = report_in(out)
    answer = {"rc": code, "report": report, "problems": problems_of(report) if report else [], "changed": False}
    if code == ENDED:
        seconds = given["timeout"] + given["wait"]
        module.fail_json(msg="preflight took longer than %d s, or printed too much" % seconds, **answer)
    if not report:
        said = (err.strip().splitlines() or ["it printed nothing"])[-1][:500]
        module.fail_json(msg="preflight ended with exit code %d and gave no report: %s" % (code, said), **answer)
    if code != 0 or report.get("exit_code") != 0:
        first = (answer["problems"] or ["see the report"])[0]
        module.fail_json(msg="preflight ended with exit code %d: %s" % (code, first), **answer)
    if report.get("stage") != given["stage"] or not report["checks"]:
        module.fail_json(msg="preflight answered for another stage, or ran no check", **answer)
    module.exit_json(msg="preflight found nothing wrong", **answer)


if __name__ == "__main__":
    main()
