"""preflight/cli/run.py: exit codes, waivers and what is allowed."""

import json

import jsonschema
import pytest

from tests.preflight.cli.run.runner import SCHEMA, Runner


@pytest.mark.parametrize(
    ("say", "options", "code"),
    [
        ("pass", [], 0),
        ("fail", [], 1),
        ("warn", [], 3),
        ("skip", [], 3),
        ("error", [], 3),
        ("crash", [], 3),
        ("warn", ["--strict"], 1),
        ("skip", ["--strict"], 3),
        ("not", ["--strict"], 1),
        ("warn", ["--stage", "after"], 1),
        ("old", [], 0),
        ("old", ["--stage", "after"], 1),
        ("fail", ["--allow", "told/bad"], 3),
        ("error", ["--allow", "told/bad"], 3),
        ("pass", ["--strict"], 0),
    ],
)
def test_exit_codes_are_the_same_in_every_format(run: Runner, say: str, options: list[str], code: int) -> None:
    """No format changes what the process answers, and stdout is one document."""
    for format_ in ("table", "json"):
        done = run("--format", format_, *options, SAY=say)
        assert (done.returncode, done.stderr) == (code, "")
        assert "hunter2" not in done.stdout
        assert "\x1b" not in done.stdout
        if format_ == "json":
            data = json.loads(done.stdout)
            jsonschema.validate(data, SCHEMA)
            assert data["exit_code"] == code
        else:
            assert f"Exit {code}" in done.stdout


def test_quiet_prints_only_when_something_is_wrong(run: Runner) -> None:
    """Cron sends mail on output."""
    well, bad = run("-q", SAY="pass"), run("-q", SAY="fail")

    assert (well.returncode, well.stdout, well.stderr) == (0, "", "")
    assert bad.returncode == 1
    assert "bad" in bad.stdout


def test_a_waived_failure_is_shown_counted_and_passes_nothing(run: Runner) -> None:
    """The waiver's reason stands in the table; once expired it fails."""
    waiver = "waivers: [{{check: told, code: bad, until: {}, reason: until the move}}]\n"
    (run.cwd / "preflight.yaml").write_text(waiver.format("2999-01-01"))
    held = run(SAY="fail")
    (run.cwd / "preflight.yaml").write_text(waiver.format("2020-01-01"))
    ended = run(SAY="pass")

    assert held.returncode == 3  # nothing failed any more, but nothing passed either
    assert "waived until 2999-01-01 (until the move): bad" in held.stdout
    assert "1 finding waived" in held.stdout
    assert ended.returncode == 1
    assert "the waiver for bad ended on 2020-01-01" in ended.stdout


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("waivers: [{check: told, until: 2999-01-01, reason: x}]", "Failures: bad, fragile, old."),
        ("waivers: [{check: told, code: bda, until: 2999-01-01, reason: x}]", "did you mean bad?"),
        (
            "waivers: [{check: tolt, code: bad, until: 2999-01-01, reason: x}]",
            "no such check: tolt, did you mean told?",
        ),
    ],
)
def test_a_waiver_names_one_failure(run: Runner, text: str, words: str) -> None:
    """A waiver for a whole check would hide what nobody accepted."""
    (run.cwd / "preflight.yaml").write_text(text)

    done = run(SAY="pass")

    assert done.returncode == 2
    assert words in done.stderr
    assert "preflight.yaml:1: " in done.stderr


def test_a_waiver_covers_its_subject_only(run: Runner) -> None:
    """The release that was pruned, not the next one."""
    waiver = "waivers: [{{check: told, code: bad, subject: {}, until: 2999-01-01, reason: pruned}}]\n"
    (run.cwd / "preflight.yaml").write_text(waiver.format("1.3.1"))
    assert run(SAY="fail").returncode == 3
    (run.cwd / "preflight.yaml").write_text(waiver.format("1.4.0"))
    assert run(SAY="fail").returncode == 1


@pytest.mark.parametrize("allow", ["told", "told/", "told/bda", "tolt/bad", "/bad"])
def test_what_is_allowed_must_exist(run: Runner, allow: str) -> None:
    """A misspelt name would let nothing through, when it is needed."""
    done = run("--allow", allow, SAY="fail")

    assert done.returncode == 2
    assert done.stderr.startswith("preflight: --allow: ")


def test_what_is_allowed_is_named_in_the_verdict(run: Runner) -> None:
    """Whoever reads "clear" reads that somebody let it through."""
    done = run("--allow", "told/bad", SAY="fail")

    assert "allowed: told/bad" in " ".join(done.stdout.split())
