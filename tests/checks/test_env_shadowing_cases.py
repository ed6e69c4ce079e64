"""env-shadowing against real Compose binaries: every case of ``tests/cases``, and many like them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from preflight.project import Pin
from tests.checks.shadowing_case import NO_SERVICE, REFUSED, Case
from tests.checks.shadowing_cases import CASES
from tests.checks.shadowing_projects import SECONDS, Judged, context_of, judge, write
from tests.real.compose import NEWEST_COMPOSE

_FOLDER = Path(__file__).parent.parent / "cases"
_EXPECTED: Mapping[str, str] = json.loads((_FOLDER / "expected.json").read_text())
_OLDER = ("2.24.1", "2.24.7", "2.29.7")
# 2.24.7 shows no values of env files, and a NUL byte cannot be handed over in any other way.
_UNSEEN = ("067-file-nul", "2.24.7")
_PIN_FOLDERS = (".", "d", "sub")

pytestmark = pytest.mark.compose


def _effective(judged: Judged, service: str, variable: str) -> str | None:
    """Return what Compose itself gives the variable; the answer is there already."""
    from preflight.lib.deadline import Deadline

    answer = judged.compose.config(Deadline.after(SECONDS))
    if answer.refusal is not None:
        return REFUSED
    if service not in answer.services:
        return NO_SERVICE
    return answer.services[service].environment.get(variable)


def _of_case(name: str, version: str) -> tuple[Judged, dict[str, Any]]:
    folder = _FOLDER / name
    case = json.loads((folder / "case.json").read_text())
    places = [folder / each / "pin.env" for each in _PIN_FOLDERS]
    file = next((place for place in places if place.exists()), folder / "pin.env")
    pin = Pin(case["variable"], case["service"], file, (file.with_name("pin.local.env"),))
    return judge(context_of(folder, [pin], args=case["args"], env=case["env"], version=version)), case


def _expected_effective(case: Mapping[str, Any]) -> str | None:
    match case["outcome"]:
        case "error":
            return REFUSED
        case "no-service":
            return NO_SERVICE
        case "set":
            return str(case["effective"]).replace("$$", "$")
        case _:
            return None


def _fits(verdict: str, expected: str) -> bool:
    return verdict != "pass" if expected == "not-pass" else verdict == expected


def test_every_case_has_its_verdict() -> None:
    """No folder without a verdict, and no verdict without its folder."""
    assert {path.name for path in _FOLDER.iterdir() if path.is_dir()} == set(_EXPECTED)


@pytest.mark.parametrize("name", _EXPECTED)
def test_a_case_is_judged_right(name: str) -> None:
    """The verdict is the one that taking sources away from the newest Compose gave."""
    judged, case = _of_case(name, NEWEST_COMPOSE)

    assert _effective(judged, case["service"], case["variable"]) == _expected_effective(case)
    assert _fits(judged.verdict, _EXPECTED[name]), judged.words


@pytest.mark.parametrize("version", _OLDER)
def test_all_cases_are_judged_right_by_older_releases(version: str) -> None:
    """Where an older Compose makes the same of a project, the verdict is the same; else it is still no pass."""
    wrong = []
    for name, expected in _EXPECTED.items():
        judged, case = _of_case(name, version)
        seen = _effective(judged, case["service"], case["variable"])
        agrees = seen == _expected_effective(case) or _is_unmerged(judged, case["service"])
        if (name, version) == _UNSEEN:
            assert judged.verdict == "fail"
        elif not _fits(judged.verdict, expected) and (agrees or judged.verdict == "pass"):
            wrong.append((name, expected, judged.words))
    assert wrong == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_further_case_is_judged_right(case: Case, tmp_path: Path) -> None:
    """Verdict, culprit, place and source are right, and Compose gives what the case says it gives."""
    judged = _of_further(case, tmp_path, NEWEST_COMPOSE)

    assert _effective(judged, "app", "PIN") == case.effective
    assert judged.verdict == case.verdict, judged.words
    assert [word for word in case.says if word not in judged.words] == [], judged.words


@pytest.mark.parametrize("version", _OLDER)
def test_an_older_release_never_passes_what_the_newest_does_not(version: str, tmp_path: Path) -> None:
    """What an older Compose does not show, or does otherwise, never becomes a pass."""
    wrong = []
    for number, case in enumerate(CASES):
        judged = _of_further(case, tmp_path / str(number), version)
        agrees = _effective(judged, "app", "PIN") == case.effective and not _is_unmerged(judged, "app")
        if judged.verdict == "pass" != case.verdict or (agrees and judged.verdict not in (case.verdict, "error")):
            wrong.append((case.name, case.verdict, judged.words))
    assert wrong == []


@pytest.mark.parametrize("name", ["001-clean", "004-env-literal-map"])
def test_a_release_without_the_long_form_is_named_as_the_reason(name: str) -> None:
    """Compose 2.23.3 refuses the long form; the finding says so and what to install."""
    judged, _ = _of_case(name, "2.23.3")

    assert judged.verdict == "fail"
    assert "does not know the long form of env_file" in judged.words
    assert "2.24.0" in judged.words


def _of_further(case: Case, folder: Path, version: str) -> Judged:
    write(folder, case.texts)
    pin = Pin("PIN", "app", folder / case.pin)
    return judge(context_of(folder, [pin], args=case.args, env=case.env, version=version))


def _is_unmerged(judged: Judged, service: str) -> bool:
    """Whether this release shows no values of env files at all (2.24.7)."""
    from preflight.lib.deadline import Deadline

    found = judged.compose.config(Deadline.after(SECONDS)).services.get(service)
    return found is not None and found.env_files is not None


def test_an_old_release_takes_a_pin_that_is_listed_twice(tmp_path: Path) -> None:
    """2.24.1 lets the second listing count, a newer Compose keeps the first: a warning, not a failure."""
    case = Case("", "", files={
        "compose.yaml": "services: {app: {image: x, env_file: [pin.env, o.env, pin.env]}}\n", "o.env": "PIN=other\n",
    })  # fmt: skip

    [old] = _of_further(case, tmp_path, "2.24.1").findings
    [new] = _of_further(case, tmp_path, NEWEST_COMPOSE).findings

    assert (old.status.value, old.code) == ("warn", "later-file-open")
    assert (new.status.value, new.code) == ("fail", "later-file")


@pytest.mark.parametrize("version", ["2.24.1", "2.29.7"])
def test_an_old_release_does_not_pass_the_shells_value_for_a_bare_name(version: str, tmp_path: Path) -> None:
    """The newest does; the finding says what the Compose at hand does."""
    compose = "services: {app: {image: x, env_file: [pin.env, o.env]}}\n"
    case = Case("", "", files={"compose.yaml": compose, "o.env": "PIN\n"}, env={"PIN": "other"})

    [old] = _of_further(case, tmp_path, version).findings
    [new] = _of_further(case, tmp_path, NEWEST_COMPOSE).findings

    assert (old.status.value, old.code, new.code) == ("warn", "later-bare-open", "later-bare")
    assert "this Compose takes the pin, a newer one what the shell says" in old.message


def test_a_release_that_reads_no_env_file_passes_none_that_is_missing(tmp_path: Path) -> None:
    """`config` of 2.24.7 takes what its `up` refuses, whichever service it belongs to; not one that is switched off."""
    other = "services: {app: {image: x, env_file: [pin.env]}, other: {image: x, env_file: [gone.env]%s}}\n"
    verdicts = []
    for number, more in enumerate(("", ", profiles: [off]")):
        case = Case("", "", files={"compose.yaml": other % more})
        [finding] = _of_further(case, tmp_path / str(number), "2.24.7").findings
        verdicts.append((finding.status.value, finding.code))

    assert verdicts == [("fail", "refused"), ("pass", "")]


def test_an_old_release_says_how_it_interpolates_in_an_include(tmp_path: Path) -> None:
    """2.24.1 takes no further file for a service that is included; our own reading stands in."""
    files = {
        "compose.yaml": "include: [inc.yaml]\n",
        "inc.yaml": "services: {app: {image: x, env_file: [pin.env]}}\n",
        "pin.env": "PIN=${R:-ghcr.io}/acme/agent\n",
    }
    for place, (env, code) in {"a": ({}, "reference-open"), "b": ({"R": "other"}, "reference")}.items():
        [found] = _of_further(Case("", "", files=files, env=env), tmp_path / place, "2.24.1").findings
        assert found.code == code


def test_each_pin_gets_its_own_answer(tmp_path: Path) -> None:
    """A file that cannot be looked at hides the verdict about one pin, not the failure of another."""
    case = Case("", "", files={
        "compose.yaml": "services:\n"
        "  bad: {image: x, env_file: [pin.env, big.env]}\n"
        "  app: {image: x, env_file: [pin.env], environment: {PIN: other}}\n",
        "big.env": "A=1\n" * 300_000,
    })  # fmt: skip
    write(tmp_path, case.texts)
    pins = [Pin("PIN", service, tmp_path / "pin.env") for service in ("bad", "app")]

    bad, app = judge(context_of(tmp_path, pins)).findings

    assert bad.status.value == "error"
    assert bad.message.startswith("bad: ")
    assert (app.status.value, app.code) == ("fail", "environment")
