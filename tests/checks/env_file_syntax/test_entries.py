"""checks/env_file_syntax.py: how entries are written, and in which order."""

from collections.abc import Callable
from pathlib import Path

import pytest

from preflight.model import Finding, Stage
from tests.checks.env_file_syntax.look import GOOD, LOCAL, LONG, PIN, Judge, findings, look, service
from tests.real.compose import COMPOSE_VERSIONS


@pytest.mark.compose
@pytest.mark.parametrize("version", [name for name in COMPOSE_VERSIONS if name != "2.23.3"])
def test_pin_then_override_in_long_form_is_right(judge: Judge, version: str) -> None:
    """The documented form passes with every Compose that knows it."""
    assert judge(GOOD, version=version) == [("pass", "", "compose.yaml:4")]


@pytest.mark.compose
@pytest.mark.parametrize(
    "env_file",
    [
        f"[{PIN}]",
        f"[base.env, {PIN}, {LOCAL}]",
        f"[{LONG('./pin.env')}]",
        "[{path: pin.env, required: FALSE}]",
        "[{path: pin.env, required: false, format: raw}]",
        "[{path: pin.env, required: false, format: ''}]",
        f"!override [{PIN}]",
        f"[{PIN}, !reset other.env]",
        f"[pin.env, {LOCAL}, {PIN}]",  # Compose keeps the last of two equal paths instead of the first
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
        (f"[{PIN}, pin.local.env]", "fail", "short-form", "file pin.local.env"),
        ("[{path: pin.env}]", "warn", "pin-required", "file pin.env"),
        ("[{path: pin.env, required: true}]", "warn", "pin-required", "file pin.env"),
        (f"[{PIN}, {{path: pin.local.env}}]", "fail", "override-required", "file pin.local.env"),
        (f"[{PIN}, {{path: pin.local.env, required: true}}]", "fail", "override-required", "file pin.local.env"),
        ("[{path: pin.env, required: 'false'}]", "warn", "required-text", "file pin.env"),
        ("[{path: pin.env, required: no}]", "warn", "required-text", "file pin.env"),
        ("[{path: pin.env, required: '${REQ:-false}'}]", "warn", "required-text", "file pin.env"),
        ("[{path: pin.env, required: '${REQ}'}]", "fail", "required-unknown", "file pin.env"),
        ("[{path: pin.env, required: '${REQ:?}'}]", "fail", "required-unknown", "file pin.env"),
        ("[{path: pin.env, required: 0}]", "fail", "required-unknown", "file pin.env"),
        ("[{path: pin.env, optional: true, required: false}]", "fail", "unknown-key", "file pin.env"),
        ("[{path: pin.env, required: false, format: yaml}]", "fail", "unknown-format", "file pin.env"),
        (f"[{LOCAL}, {PIN}]", "fail", "override-first", "file pin.local.env"),
        (f"[{PIN}, {LOCAL}, more.env]", "fail", "later-file", "file more.env"),
        (f"[{PIN}, more.env, {LOCAL}]", "fail", "later-file", "file more.env"),
        (f"[{PIN}, '${{MORE}}.env']", "fail", "later-file", "file ${MORE}.env"),
        (f"[{PIN}, '${{MORE:?}}.env']", "fail", "later-file", "file ${MORE:?}.env"),
        (f"[{PIN}, {LONG('./pin.env')}]", "fail", "listed-twice", "file pin.env"),
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
    [short] = find(f"[{PIN}, pin.local.env]")
    assert short.message.endswith("in short form (- FILE); it may be missing, and then Compose stops")
    [first] = find(f"[{LOCAL}, {PIN}]")
    assert first.message == "pin.local.env stands before pin.env, which then overrides it"
    [later] = find(f"[{PIN}, more.env]")
    assert later.message == "more.env is listed after pin.env, and can override it"
    [twice] = find(f"[{PIN}, {LONG('./pin.env')}]")
    assert twice.message == "pin.env is listed twice, again at compose.yaml:4"
    [unknown] = find("['${WHERE:?}/pin.env']")
    assert unknown.message == "which file ${WHERE:?}/pin.env is depends on a variable; pin.env is not listed otherwise"


@pytest.mark.compose
def test_a_configured_override_must_be_listed(judge: Judge) -> None:
    """An override that is configured and not listed is a warning; one that is listed by another name counts."""
    assert judge(f"[{PIN}]", overrides=("mine.env",)) == [("warn", "override-not-listed", "compose.yaml:2")]
    assert judge(f"[{PIN}, {LONG('mine.env')}]", overrides=("mine.env",))[0][0] == "pass"
    assert judge(f"[{PIN}, {LOCAL}]", overrides=("mine.env",))[0][:2] == ("fail", "later-file")


@pytest.mark.compose
def test_a_missing_service_is_named_with_its_neighbour(tmp_path: Path) -> None:
    """A mistyped service is a failure that offers the nearest name."""
    (tmp_path / "compose.yaml").write_text(service(GOOD, "application-server"))
    [finding] = findings(tmp_path, service="aplication-server")
    assert (finding.status, finding.code, str(finding.location)) == ("fail", "no-service", "compose.yaml")
    assert str(finding.subject) == "service aplication-server"
    assert finding.message == "there is no service aplication-server, did you mean application-server?"


@pytest.mark.compose
def test_entries_from_elsewhere_are_judged_by_the_merged_result(tmp_path: Path) -> None:
    """Through anchors, extends, include and a second file the same rules hold; the place is the entry's own."""
    files = {
        "anchor.yaml": f"x-f: &f {GOOD}\nservices:\n  app: {{image: b, env_file: *f}}\n",
        "extends.yaml": "services:\n  app:\n    extends: {file: base.yaml, service: base}\n",
        "base.yaml": service(GOOD, "base"),
        "include.yaml": "include: [base.yaml]\n",
        "plain.yaml": service(GOOD),
        "second.yaml": "services:\n  app:\n    env_file: [more.env]\n",
        "reset.yaml": "services:\n  app:\n    env_file: !reset []\n",
        "merge.yaml": f"x-b: &b\n  image: b\n  env_file: {GOOD}\nservices:\n  app:\n    <<: *b\n    env_file: []\n",
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
    (tmp_path / "sub" / "base.yaml").write_text(service(GOOD, "base"))
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
    (tmp_path / "docker" / "compose.yaml").write_text(service(GOOD))
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
    (tmp_path / "compose.yaml").write_text(service(f"[loop.env, {LONG('link.env')}]"))
    [finding] = findings(tmp_path)
    assert (finding.status, finding.message) == ("pass", "nothing comes after the pin file: app lists pin.env")


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
