"""preflight/run/reporters/prometheus_report.py, and the alert rules that are shipped for it"""

import platform
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from preflight.lib.yamldata import load
from preflight.model import Area, Failure, Finding, Json, Stage, Status
from preflight.report import JudgedProject, PinState, Report, Style
from preflight.run.reporters.prometheus_report import render
from tests.fakes.format_parsers import prometheus
from tests.fakes.reports import DIGEST, EVERYTHING, WAIVER, WEAK, report, result

RULES = Path(__file__).resolve().parents[4] / "docs" / "manual" / "preflight.rules.yml"
OTHER = "sha256:" + "b" * 64
WHERE = {"project": "/srv/app/docker", "stage": "after"}
RUN = replace(EVERYTHING, judged=JudgedProject(project="docker", folder="/srv/app"), stage=Stage.AFTER)


def values(what: Report, name: str) -> dict[frozenset[tuple[str, str]], float]:
    """Return the values of one metric."""
    return prometheus(render(what, Style()))[f"preflight_{name}"]


def labels(**own: str) -> frozenset[tuple[str, str]]:
    """Return the labels of a series of RUN."""
    return frozenset({**WHERE, **own}.items())


def test_the_run() -> None:
    """Its time, duration, exit code and state, and the program; project and stage on every series."""
    assert values(RUN, "run_timestamp_seconds") == {labels(): 1795435200.123456}
    assert values(RUN, "run_duration_seconds") == {labels(): 0.5}
    assert values(RUN, "run_exit_code") == {labels(): 1}
    states = values(RUN, "run_status")
    assert {dict(each)["status"]: value for each, value in states.items()} == {
        "fail": 1, "error": 0, "warn": 0, "skip": 0, "pass": 0
    }  # fmt: skip
    assert values(RUN, "build_info") == {labels(version="1.2.3", python=platform.python_version()): 1}


def test_each_check_has_one_state_and_a_duration() -> None:
    """The others are 0, so that a series never ends."""
    states = values(RUN, "check_status")

    assert len(states) == 25
    assert [each for each, value in states.items() if value] == [
        labels(check="a-pass", status="pass"),
        labels(check="b-fail", status="fail"),
        labels(check="c-warn", status="warn"),
        labels(check="d-skip", status="skip"),
        labels(check="e-error", status="error"),
    ]
    assert values(RUN, "check_duration_seconds")[labels(check="a-pass")] == 0.25


def test_findings_are_counted_by_code() -> None:
    """Each declared code at its status of the stage, 0 too; what was accepted is told apart."""
    old = Failure("old", "It is old.", "Deploy.", before=Status.PASS)
    made = result(
        "a",
        Finding(Status.FAIL, "bad", "x", failure=WEAK),
        Finding(Status.FAIL, "bad too", "x", failure=WEAK),
        Finding(Status.WARN, "waived", "x", failure=WEAK, waived=WAIVER),
        Finding(Status.WARN, "allowed", "x", failure=WEAK, allowed=True),
    )
    what = report(replace(made, about=replace(made.about, failures=(WEAK, old))))

    def counts(stage: Stage) -> dict[tuple[str, str], float]:
        found = values(replace(what, stage=stage), "findings")
        return {(dict(each)["code"], dict(each)["status"]): value for each, value in found.items()}

    expected = {("weak", "fail"): 2.0, ("weak", "waived"): 1.0, ("weak", "allowed"): 1.0}
    assert counts(Stage.BEFORE) == expected
    assert counts(Stage.AFTER) == {**expected, ("old", "fail"): 0.0}


def running(status: Status, **evidence: Json) -> Report:
    """Return a report in which a check of what runs has said something of the pin."""
    made = result("runs", Finding(status, "x", "y", evidence=evidence))
    pin = PinState("APP_IMAGE", "app", "pin.env", DIGEST, "1.4.0")
    return replace(
        report(replace(made, about=replace(made.about, area=Area.RUNNING))), judged=JudgedProject(pins=(pin,))
    )


def test_pinned_and_running_digest_are_labels() -> None:
    """What a container was seen to have; nothing where nobody looked."""

    def found(what: Report) -> list[tuple[str, str, str]]:
        told: list[dict[str, Any]] = [dict(each) for each in values(what, "pin_info")]
        return [(each["release"], each["pinned_digest"], each["running_digest"]) for each in told]

    pinned, other = f"ghcr.io/acme/app@{DIGEST}", f"ghcr.io/acme/app@{OTHER}"
    assert found(running(Status.PASS, expected=pinned, containers={"app-1": "exec"})) == [("1.4.0", DIGEST, DIGEST)]
    assert found(running(Status.FAIL, expected=pinned, found=other)) == [("1.4.0", DIGEST, OTHER)]
    assert found(running(Status.FAIL, expected=other, found=other)) == [("1.4.0", DIGEST, "")]
    assert found(running(Status.FAIL, expected=pinned, found="secret")) == [("1.4.0", DIGEST, "")]
    assert found(running(Status.ERROR)) == [("1.4.0", DIGEST, "")]


def test_the_alert_rules_use_metrics_that_there_are() -> None:
    """Their syntax is Prometheus' own, which promtool has checked; a metric renamed here would end them in silence."""
    rules = load(RULES.read_text(encoding="utf-8"), RULES)
    expressions = re.findall(r"^ +expr: (.*)$", RULES.read_text(encoding="utf-8"), re.MULTILINE)
    used = {name for expression in expressions for name in re.findall(r"preflight_\w+", expression)}

    assert rules.value is not None
    assert len(expressions) == 3
    assert used == {"preflight_run_status", "preflight_run_timestamp_seconds"}
    assert used <= prometheus(render(RUN, Style())).keys()
    assert {f'status="{dict(each)["status"]}"' for each in values(RUN, "run_status")} >= set(
        re.findall(r'status="\w+"', " ".join(expressions))
    )
