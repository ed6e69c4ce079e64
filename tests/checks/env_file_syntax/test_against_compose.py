"""checks/env_file_syntax.py: the verdict, held against Compose's own."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.env_file_syntax import EnvFileSyntax
from preflight.check import NoSettings
from preflight.compose.ask.door import Compose
from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from preflight.model import Finding
from preflight.project import ComposeProject, Pin
from preflight.testing import fake_context, run_check
from tests.checks.env_file_syntax.look import GOOD, LOCAL, LONG, PIN, Judge, composes, findings, look, service
from tests.preflight.compose import real
from tests.real.compose import NEWEST_COMPOSE


@pytest.mark.compose
@pytest.mark.parametrize("version", ["2.24.1", "2.24.7"])
def test_what_only_an_older_compose_refuses_is_a_failure_there(
    find: Callable[..., list[Finding]], version: str
) -> None:
    """The Compose of this host counts: 2.24 takes no text for a boolean and knows no format."""
    for env_file in ("[{path: pin.env, required: 'false'}]", "[{path: pin.env, required: false, format: raw}]"):
        found = find(env_file, version=version)
        assert (found[-1].status, found[-1].code) == ("fail", "refused")
        assert found[-1].message.startswith("Compose refuses the project: ")


@pytest.mark.compose
def test_a_compose_without_the_long_form_is_a_failure(find: Callable[..., list[Finding]]) -> None:
    """2.23.3 refuses the right syntax; the finding says that Compose is too old."""
    [finding] = find(GOOD, version="2.23.3")
    assert (finding.status, finding.code) == ("fail", "refused")
    assert "long form" in finding.message


@pytest.mark.compose
@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("services:\n\tapp:\n", "not valid YAML: a tab where only spaces may indent", 2),
        (service(GOOD) + "    image: c\n", "the key image stands here again (first in line 3)", 5),
        ("services: []\n", "services must be a mapping", 1),
        ("services:\n  app: text\n", "the service app must be a mapping", 2),
        (
            "services:\n  app:\n    image: b\n    extends: nobody\n",
            "extends names a service that is not there: nobody",
            4,
        ),
        ("include: [nobody.yaml]\n", "include names a file that is not there: nobody.yaml", 1),
    ],
)
def test_what_compose_cannot_read_is_a_failure_with_its_place(
    text: str, message: str, line: int, tmp_path: Path
) -> None:
    """Broken YAML and broken structure are failures with file and line."""
    (tmp_path / "compose.yaml").write_text(text)
    [finding] = findings(tmp_path)
    assert (finding.status, finding.code, str(finding.location)) == ("fail", "refused", f"compose.yaml:{line}")
    assert str(finding.subject) == "file compose.yaml"
    assert finding.message == message


@pytest.mark.compose
def test_what_compose_refuses_elsewhere_is_a_failure(tmp_path: Path) -> None:
    """An unknown top-level key stops the deployment as surely as a wrong entry."""
    (tmp_path / "compose.yaml").write_text(f"{service(GOOD)}foo: 1\n")
    [finding] = findings(tmp_path)
    assert (finding.status, finding.code) == ("fail", "refused")
    assert finding.message.startswith("Compose refuses the project: the key foo ")


@pytest.mark.compose
def test_several_documents_of_a_file_are_judged_merged(tmp_path: Path) -> None:
    """Compose merges them, so the entry of the first one counts."""
    (tmp_path / "compose.yaml").write_text(f"{service(GOOD)}---\nservices: {{}}\n")
    assert look(tmp_path) == [("pass", "", "compose.yaml:4")]


class _Deaf(Compose):
    """A Compose that cannot be asked."""

    def config(self, *_arguments: Any, **_options: Any) -> NoReturn:
        """Never answer."""
        raise CouldNotLook("Docker Compose is not installed", "Install it.")


def _deaf(folder: Path) -> list[tuple[str, str]]:
    project = ComposeProject(folder)
    ctx = fake_context(
        folder, pins=(Pin("PIN", "app", folder / "pin.env"),), project=project, compose=_Deaf(project, {}), seconds=60
    )
    return [(finding.status.value, finding.code) for finding in run_check(EnvFileSyntax(NoSettings()), ctx)]


def test_without_compose_the_files_are_judged_as_read(tmp_path: Path) -> None:
    """Where no Compose answers, a file that can be read is judged; one that cannot is no verdict."""
    (tmp_path / "compose.yaml").write_text(service(GOOD))
    assert _deaf(tmp_path)[0][0] == "pass"
    (tmp_path / "compose.yaml").write_text("services:\n\tapp:\n")
    assert _deaf(tmp_path) == [("error", "could-not-look")]


@pytest.mark.compose
def test_another_reading_than_composes_is_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When Compose lists other files than we read, our verdict would be worth nothing."""
    (tmp_path / "compose.yaml").write_text(service(GOOD))
    real = ComposeProject(tmp_path)
    other = tmp_path / "other.yaml"
    other.write_text(service(f"[{PIN}]"))
    compose = Compose(real, {"PATH": os.environ["PATH"]}, composes(NEWEST_COMPOSE))
    answer = Compose(ComposeProject(tmp_path, (other,)), {"PATH": os.environ["PATH"]}, composes(NEWEST_COMPOSE)).config(
        Deadline.after(60), interpolate=False
    )
    monkeypatch.setattr(compose, "config", lambda *_a, **_k: answer)
    ctx = fake_context(
        tmp_path, pins=(Pin("PIN", "app", tmp_path / "pin.env"),), project=real, compose=compose, seconds=60
    )
    [finding] = run_check(EnvFileSyntax(NoSettings()), ctx)
    assert (finding.status, finding.code, str(finding.subject)) == ("error", "read-differently", "service app")


@pytest.mark.compose
def test_a_service_that_is_switched_off_is_judged_as_read(tmp_path: Path) -> None:
    """A profile that is off hides the service from Compose's answer, not from the files."""
    (tmp_path / "compose.yaml").write_text(service(GOOD) + "    profiles: [off]\n")
    assert look(tmp_path)[0][0] == "pass"


@pytest.mark.compose
def test_a_bomb_is_no_verdict_and_is_not_handed_to_compose(tmp_path: Path) -> None:
    """A file beyond our limits is told at once; Compose would work on it for minutes."""
    (tmp_path / "compose.yaml").write_text("a: " + "[" * 1000)
    assert look(tmp_path) == [("error", "could-not-look", "compose.yaml:1")]


@pytest.mark.compose
@pytest.mark.parametrize("path", ['"pin.env\\0x"', f"{'x' * 5000}/pin.env"])
def test_paths_that_no_file_can_have_make_no_traceback(judge: Judge, path: str) -> None:
    """A NUL or thousands of letters in a path are findings like any other."""
    assert judge(f"[{path}]")[0][0] in {"fail", "error"}


_ITEMS = st.sampled_from(
    [
        *(PIN, PIN, LOCAL, "pin.env", "./pin.env", "o.env", "pin.local.env", "*pin", "{path: pin.env}"),
        *("{path: pin.env, required: 'no'}", "'${S:-pin}.env'", LONG("./pin.env"), LONG("./pin.local.env")),
        *("!reset o.env", "{path: ./pin.local.env, required: '${R:-false}'}", "{path: pin.env, required: true}"),
    ]
)


@pytest.mark.compose
@settings(max_examples=60, deadline=None)
@given(st.lists(_ITEMS, min_size=1, max_size=4), st.lists(_ITEMS, max_size=2))
def test_whatever_passes_is_right_for_compose(first: list[str], second: list[str]) -> None:
    """A pass means that Compose itself lists the pin, then only overrides, none of them required."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        anchor = f"x-pin: &pin {PIN}\n"
        (folder / "compose.yaml").write_text(anchor + service(f"[{', '.join(first)}]"))
        (folder / "compose.override.yaml").write_text(
            f"{anchor}services:\n  app:\n    env_file: [{', '.join(second)}]\n"
        )
        statuses = {status for status, _, _ in look(folder)}
        services = real.config(folder)
        assert services is not None
        listed = [(Path(entry["path"]).name, entry.get("required", True)) for entry in services["app"]["env_file"]]
        last = max((at for at, (name, _) in enumerate(listed) if name == "pin.env"), default=None)
        right = last is not None and listed[last][1] is False and set(listed[last + 1 :]) <= {("pin.local.env", False)}
        assert statuses != {"pass"} or right
        assert statuses & {"pass", "warn", "fail", "error"}
