"""Tests of checks/env_file_syntax.py: real files, real Compose."""

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.env_file_syntax import EnvFileSyntax
from preflight.check import NoSettings
from preflight.compose.ask.binary import ComposeBinary
from preflight.compose.ask.door import Compose
from preflight.context import Options
from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from preflight.model import Finding, Stage
from preflight.project import ComposeProject, Pin
from preflight.testing import fake_context, run_check
from tests.preflight.compose import real
from tests.real.compose import COMPOSE_VERSIONS, NEWEST_COMPOSE, compose_binary

_GOOD = "[{path: pin.env, required: false}, {path: pin.local.env, required: false}]"
_LONG = "{{path: {}, required: false}}".format
_PIN = _LONG("pin.env")
_LOCAL = _LONG("pin.local.env")


def _found(version: str) -> Callable[[Mapping[str, str], Deadline], tuple[ComposeBinary, ...]]:
    return lambda _environ, _deadline: (ComposeBinary("standalone", (str(compose_binary(version)),), version, version),)


def look(
    folder: Path,
    *files: str,
    version: str = NEWEST_COMPOSE,
    pin: str = "pin.env",
    service: str = "app",
    overrides: tuple[str, ...] = (),
    others: tuple[str, ...] = (),
    environ: Mapping[str, str] | None = None,
    directory: str = "",
) -> list[tuple[str, str, str | None]]:
    """Run the check on a folder; return status, code and place of each finding."""
    return [
        (finding.status.value, finding.code, str(finding.location) if finding.location else None)
        for finding in findings(
            folder,
            *files,
            version=version,
            pin=pin,
            service=service,
            overrides=overrides,
            others=others,
            environ=environ,
            directory=directory,
        )
    ]


def findings(
    folder: Path,
    *files: str,
    version: str = NEWEST_COMPOSE,
    pin: str = "pin.env",
    service: str = "app",
    overrides: tuple[str, ...] = (),
    others: tuple[str, ...] = (),
    environ: Mapping[str, str] | None = None,
    directory: str = "",
    stage: Stage = Stage.BEFORE,
) -> list[Finding]:
    """Run the check on a folder."""
    env = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), **(environ or {})}
    project = ComposeProject(
        folder, tuple(folder / name for name in files), project_directory=folder / directory if directory else None
    )
    pins = (
        Pin("PIN", service, folder / pin, tuple(folder / name for name in overrides)),
        *(Pin(f"PIN_{place}", service, folder / name) for place, name in enumerate(others)),
    )
    ctx = fake_context(
        folder,
        pins=pins,
        project=project,
        environ=env,
        compose=Compose(project, env, _found(version)),
        options=Options(stage=stage),
        seconds=60,
    )
    found = run_check(EnvFileSyntax(NoSettings()), ctx)
    assert found
    assert all(finding.status == "pass" or finding.hint for finding in found)
    assert all(len(finding.message) <= 270 for finding in found)
    return found


def service(env_file: str, name: str = "app") -> str:
    """Return a compose file with one service; its ``env_file:`` stands in line 4."""
    return f"services:\n  {name}:\n    image: b\n    env_file: {env_file}\n"


@pytest.fixture
def judge(tmp_path: Path) -> Callable[..., list[tuple[str, str, str | None]]]:
    """Judges a service with the given ``env_file:``."""
    (tmp_path / "pin.env").write_text("PIN=x\n")

    def judged(env_file: str, **options: Any) -> list[tuple[str, str, str | None]]:
        (tmp_path / "compose.yaml").write_text(service(env_file))
        return look(tmp_path, **options)

    return judged


@pytest.fixture
def find(tmp_path: Path) -> Callable[..., list[Finding]]:
    """Judges a service with the given ``env_file:``, and returns the whole findings."""
    (tmp_path / "pin.env").write_text("PIN=x\n")

    def found(env_file: str, **options: Any) -> list[Finding]:
        (tmp_path / "compose.yaml").write_text(service(env_file))
        return findings(tmp_path, **options)

    return found


Judge = Callable[..., list[tuple[str, str, str | None]]]


@pytest.mark.compose
@pytest.mark.parametrize("version", [name for name in COMPOSE_VERSIONS if name != "2.23.3"])
def test_pin_then_override_in_long_form_is_right(judge: Judge, version: str) -> None:
    """The documented form passes with every Compose that knows it."""
    assert judge(_GOOD, version=version) == [("pass", "", "compose.yaml:4")]


@pytest.mark.compose
@pytest.mark.parametrize(
    "env_file",
    [
        f"[{_PIN}]",
        f"[base.env, {_PIN}, {_LOCAL}]",
        f"[{_LONG('./pin.env')}]",
        "[{path: pin.env, required: FALSE}]",
        "[{path: pin.env, required: false, format: raw}]",
        "[{path: pin.env, required: false, format: ''}]",
        f"!override [{_PIN}]",
        f"[{_PIN}, !reset other.env]",
        f"[pin.env, {_LOCAL}, {_PIN}]",  # Compose keeps the last of two equal paths instead of the first
    ],
)
def test_other_right_ways_to_write_it_pass(judge: Judge, env_file: str) -> None:
    """What Compose reads as pin, override, nothing after passes, however it is written."""
    assert [status for status, _, _ in judge(env_file)] == ["pass"]


@pytest.mark.compose
@pytest.mark.parametrize(
    ("env_file", "status", "code", "subject"),
    [
        ("pin.env", "fail", "short-form", "file pin.env"),
        ("[pin.env]", "fail", "short-form", "file pin.env"),
        (f"[{_PIN}, pin.local.env]", "fail", "short-form", "file pin.local.env"),
        ("[{path: pin.env}]", "warn", "pin-required", "file pin.env"),
        ("[{path: pin.env, required: true}]", "warn", "pin-required", "file pin.env"),
        (f"[{_PIN}, {{path: pin.local.env}}]", "fail", "override-required", "file pin.local.env"),
        (f"[{_PIN}, {{path: pin.local.env, required: true}}]", "fail", "override-required", "file pin.local.env"),
        ("[{path: pin.env, required: 'false'}]", "warn", "required-text", "file pin.env"),
        ("[{path: pin.env, required: no}]", "warn", "required-text", "file pin.env"),
        ("[{path: pin.env, required: '${REQ:-false}'}]", "warn", "required-text", "file pin.env"),
        ("[{path: pin.env, required: '${REQ}'}]", "fail", "required-unknown", "file pin.env"),
        ("[{path: pin.env, required: '${REQ:?}'}]", "fail", "required-unknown", "file pin.env"),
        ("[{path: pin.env, required: 0}]", "fail", "required-unknown", "file pin.env"),
        ("[{path: pin.env, optional: true, required: false}]", "fail", "unknown-key", "file pin.env"),
        ("[{path: pin.env, required: false, format: yaml}]", "fail", "unknown-format", "file pin.env"),
        (f"[{_LOCAL}, {_PIN}]", "fail", "override-first", "file pin.local.env"),
        (f"[{_PIN}, {_LOCAL}, more.env]", "fail", "later-file", "file more.env"),
        (f"[{_PIN}, more.env, {_LOCAL}]", "fail", "later-file", "file more.env"),
        (f"[{_PIN}, '${{MORE}}.env']", "fail", "later-file", "file ${MORE}.env"),
        (f"[{_PIN}, '${{MORE:?}}.env']", "fail", "later-file", "file ${MORE:?}.env"),
        (f"[{_PIN}, {_LONG('./pin.env')}]", "fail", "listed-twice", "file pin.env"),
        ("[{path: '${STAGE:-pin}.env', required: false}]", "warn", "open-path", "file pin.env"),
        ("['${WHERE:?}/pin.env']", "error", "unknown-path", "file ${WHERE:?}/pin.env"),
        ("[other.env]", "fail", "not-listed", "service app"),
        ("[]", "fail", "not-listed", "service app"),
        ("!reset []", "fail", "not-listed", "service app"),
        ("", "fail", "not-listed", "service app"),
        ("[docker/pin.env]", "fail", "other-file", "file docker/pin.env"),
        ("{path: pin.env}", "fail", "refused", "file compose.yaml"),
        ("[pin.env, 3]", "fail", "refused", "file compose.yaml"),
        ("[{required: false}]", "fail", "refused", "file compose.yaml"),
    ],
)
def test_each_wrong_way_has_its_own_code(
    find: Callable[..., list[Finding]], env_file: str, status: str, code: str, subject: str
) -> None:
    """Each named mistake is a finding of its own, at both stages: the next rollout reads this file."""
    for stage in Stage:
        [finding] = find(env_file, stage=stage)

        assert (finding.status, finding.code, str(finding.subject)) == (status, code, subject)
        assert finding.location is not None
        assert finding.location.path == "compose.yaml"


@pytest.mark.compose
def test_a_finding_says_which_file_and_how_it_is_written(find: Callable[..., list[Finding]]) -> None:
    """What stands in the compose file, in the words of the operator, and what to write instead."""
    [near] = find("[{path: pin.env, requird: false, required: false}]")
    assert near.message == "unknown key requird in an env_file entry of app, did you mean required?"
    [plain] = find("pin.env")
    assert plain.message == "pin.env is listed as plain text (env_file: FILE)"
    assert plain.hint == "Write it as `- path: pin.env` with `required: false` below `path`."
    [short] = find(f"[{_PIN}, pin.local.env]")
    assert short.message.endswith("in short form (- FILE); it may be missing, and then Compose stops")
    [first] = find(f"[{_LOCAL}, {_PIN}]")
    assert first.message == "pin.local.env stands before pin.env, which then overrides it"
    [later] = find(f"[{_PIN}, more.env]")
    assert later.message == "more.env is listed after pin.env, and can override it"
    [twice] = find(f"[{_PIN}, {_LONG('./pin.env')}]")
    assert twice.message == "pin.env is listed twice, again at compose.yaml:4"
    [unknown] = find("['${WHERE:?}/pin.env']")
    assert unknown.message == "which file ${WHERE:?}/pin.env is depends on a variable; pin.env is not listed otherwise"


@pytest.mark.compose
def test_a_configured_override_must_be_listed(judge: Judge) -> None:
    """An override that is configured and not listed is a warning; one that is listed by another name counts."""
    assert judge(f"[{_PIN}]", overrides=("mine.env",)) == [("warn", "override-not-listed", "compose.yaml:2")]
    assert judge(f"[{_PIN}, {_LONG('mine.env')}]", overrides=("mine.env",))[0][0] == "pass"
    assert judge(f"[{_PIN}, {_LOCAL}]", overrides=("mine.env",))[0][:2] == ("fail", "later-file")


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
    [finding] = find(_GOOD, version="2.23.3")
    assert (finding.status, finding.code) == ("fail", "refused")
    assert "long form" in finding.message


@pytest.mark.compose
def test_a_missing_service_is_named_with_its_neighbour(tmp_path: Path) -> None:
    """A mistyped service is a failure that offers the nearest name."""
    (tmp_path / "compose.yaml").write_text(service(_GOOD, "application-server"))
    [finding] = findings(tmp_path, service="aplication-server")
    assert (finding.status, finding.code, str(finding.location)) == ("fail", "no-service", "compose.yaml")
    assert str(finding.subject) == "service aplication-server"
    assert finding.message == "there is no service aplication-server, did you mean application-server?"


@pytest.mark.compose
@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("services:\n\tapp:\n", "not valid YAML: a tab where only spaces may indent", 2),
        (service(_GOOD) + "    image: c\n", "the key image stands here again (first in line 3)", 5),
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
    (tmp_path / "compose.yaml").write_text(f"{service(_GOOD)}foo: 1\n")
    [finding] = findings(tmp_path)
    assert (finding.status, finding.code) == ("fail", "refused")
    assert finding.message.startswith("Compose refuses the project: the key foo ")


@pytest.mark.compose
def test_several_documents_of_a_file_are_judged_merged(tmp_path: Path) -> None:
    """Compose merges them, so the entry of the first one counts."""
    (tmp_path / "compose.yaml").write_text(f"{service(_GOOD)}---\nservices: {{}}\n")
    assert look(tmp_path) == [("pass", "", "compose.yaml:4")]


@pytest.mark.compose
def test_entries_from_elsewhere_are_judged_by_the_merged_result(tmp_path: Path) -> None:
    """Through anchors, extends, include and a second file the same rules hold; the place is the entry's own."""
    files = {
        "anchor.yaml": f"x-f: &f {_GOOD}\nservices:\n  app: {{image: b, env_file: *f}}\n",
        "extends.yaml": "services:\n  app:\n    extends: {file: base.yaml, service: base}\n",
        "base.yaml": service(_GOOD, "base"),
        "include.yaml": "include: [base.yaml]\n",
        "plain.yaml": service(_GOOD),
        "second.yaml": "services:\n  app:\n    env_file: [more.env]\n",
        "reset.yaml": "services:\n  app:\n    env_file: !reset []\n",
        "merge.yaml": f"x-b: &b\n  image: b\n  env_file: {_GOOD}\nservices:\n  app:\n    <<: *b\n    env_file: []\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert look(tmp_path, "anchor.yaml") == [("pass", "", "anchor.yaml:1")]
    assert look(tmp_path, "extends.yaml") == [("pass", "", "base.yaml:4")]
    assert look(tmp_path, "include.yaml", service="base") == [("pass", "", "base.yaml:4")]
    [second] = findings(tmp_path, "plain.yaml", "second.yaml")
    assert (second.status, second.code, str(second.location)) == ("fail", "later-file", "second.yaml:3")
    assert second.message == "more.env is listed after pin.env, and can override it (from a further compose file)"
    assert second.evidence == {"via": "second file"}
    assert look(tmp_path, "plain.yaml", "reset.yaml") == [("fail", "not-listed", "plain.yaml:2")]
    assert look(tmp_path, "merge.yaml") == [("fail", "not-listed", "merge.yaml:5")]


@pytest.mark.compose
def test_a_variable_in_the_path_of_another_file_is_followed(tmp_path: Path) -> None:
    """Include and extends with a variable in their path are read as Compose reads them when it deploys."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "base.yaml").write_text(service(_GOOD, "base"))
    (tmp_path / "include.yaml").write_text("include: ['${WHERE:-sub}/base.yaml']\n")
    (tmp_path / "extends.yaml").write_text(
        "services:\n  app:\n    extends: {file: '${WHERE:-sub}/base.yaml', service: '${WHO:-base}'}\n"
    )
    for name, who in (("include.yaml", "base"), ("extends.yaml", "app")):
        assert look(tmp_path, name, service=who, pin="sub/pin.env")[0][0] == "pass"
    (tmp_path / "needs.yaml").write_text("include: ['${WHERE:?}/base.yaml']\n")
    [finding] = findings(tmp_path, "needs.yaml")
    assert (finding.status, finding.code, str(finding.location)) == ("fail", "refused", "needs.yaml:1")
    assert finding.message == "a name there cannot be interpolated: it requires WHERE, which is not set"


@pytest.mark.compose
def test_the_project_directory_decides_what_a_path_means(tmp_path: Path) -> None:
    """Coolify's raw mode resolves against its own folder: the entry then means a file that is not the pin."""
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker" / "compose.yaml").write_text(service(_GOOD))
    assert look(tmp_path, "docker/compose.yaml", pin="docker/pin.env")[0][0] == "pass"
    [finding] = findings(tmp_path, "docker/compose.yaml", pin="docker/pin.env", directory=".")
    assert (finding.status, finding.code, str(finding.subject)) == ("fail", "other-file", "file pin.env")
    assert finding.message == "pin.env means pin.env, not docker/pin.env"
    assert finding.hint == f"Relative paths start at {tmp_path}: write ./docker/pin.env."


@pytest.mark.compose
def test_a_link_to_the_pin_file_is_the_pin_file(tmp_path: Path) -> None:
    """Symbolic links are followed; a loop of links is some other file."""
    (tmp_path / "pin.env").write_text("PIN=x\n")
    (tmp_path / "link.env").symlink_to("pin.env")
    (tmp_path / "loop.env").symlink_to("loop.env")
    (tmp_path / "compose.yaml").write_text(service(f"[loop.env, {_LONG('link.env')}]"))
    [finding] = findings(tmp_path)
    assert (finding.status, finding.message) == ("pass", "nothing comes after the pin file: app lists pin.env")


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
    (tmp_path / "compose.yaml").write_text(service(_GOOD))
    assert _deaf(tmp_path)[0][0] == "pass"
    (tmp_path / "compose.yaml").write_text("services:\n\tapp:\n")
    assert _deaf(tmp_path) == [("error", "could-not-look")]


@pytest.mark.compose
def test_another_reading_than_composes_is_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When Compose lists other files than we read, our verdict would be worth nothing."""
    (tmp_path / "compose.yaml").write_text(service(_GOOD))
    real = ComposeProject(tmp_path)
    other = tmp_path / "other.yaml"
    other.write_text(service(f"[{_PIN}]"))
    compose = Compose(real, {"PATH": os.environ["PATH"]}, _found(NEWEST_COMPOSE))
    answer = Compose(ComposeProject(tmp_path, (other,)), {"PATH": os.environ["PATH"]}, _found(NEWEST_COMPOSE)).config(
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
    (tmp_path / "compose.yaml").write_text(service(_GOOD) + "    profiles: [off]\n")
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
        *(_PIN, _PIN, _LOCAL, "pin.env", "./pin.env", "o.env", "pin.local.env", "*pin", "{path: pin.env}"),
        *("{path: pin.env, required: 'no'}", "'${S:-pin}.env'", _LONG("./pin.env"), _LONG("./pin.local.env")),
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
        anchor = f"x-pin: &pin {_PIN}\n"
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


@pytest.mark.compose
@pytest.mark.parametrize("value", ['"x"', "'x'", "x # the pin", "x "])
def test_raw_format_fails_where_it_changes_the_value(judge: Judge, tmp_path: Path, value: str) -> None:
    """To `format: raw`, quotes and comments are part of the value; a bare value is the same for both readers."""
    raw = "[{path: pin.env, required: false, format: raw}]"
    assert [status for status, *_ in judge(raw)] == ["pass"]
    (tmp_path / "pin.env").write_text(f"PIN={value}\n")

    assert judge(raw) == [("fail", "raw-value", "compose.yaml:4")]


@pytest.mark.compose
def test_a_folder_with_a_dollar_in_its_name_is_no_trouble(tmp_path: Path) -> None:
    """A `$` in the name of a folder above is no interpolation."""
    folder = tmp_path / "a$HOME"
    folder.mkdir()
    (folder / "pin.env").write_text("PIN=x\n")
    (folder / "compose.yaml").write_text(service("[{path: pin.env, required: false}]"))

    assert [status for status, *_ in look(folder)] == ["pass"]
