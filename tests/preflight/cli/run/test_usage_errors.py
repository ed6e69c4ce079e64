"""preflight/cli/run.py: options and configurations that are wrong."""

import json
from pathlib import Path

import jsonschema
import pytest

from tests.preflight.cli.run.runner import CHECK, SCHEMA, Runner
from tests.real.cli import PreflightCli


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (["--output", "json"], "expected FORMAT=FILE"),
        (["--output", "jsn=x"], "no such format, did you mean json?"),
        (["--output", "json=no/such/x"], "is not there"),
        (["--output", "json=/dev/null"], "that is no regular file"),
        (["--output", "html=-"], "--output html=-: - is no regular file"),
        (["--output", "html=/dev/stdout"], "/dev/stdout is no regular file"),
        (["--timeout", "0"], "Invalid value for '--timeout'"),
        (["--jobs", "0"], "Invalid value for '--jobs'"),
        (["--color", "red"], "Invalid value for '--color'"),
        (["--only", "tld"], "--only: no such check: tld, did you mean told?"),
        (["--tag", "x"], "--tag: no such tag: x"),
        (["--skip", "told"], "no check is left to run"),
        (["--config", "no.yaml"], "no.yaml: no such file"),
        (["--checks-dir", "no"], "is not a folder"),
        (["--bogus"], "No such option"),
        (["--timeout", "nan"], "'nan': expected a number of seconds"),
        (["--timeout", "inf"], "'inf': expected a number of seconds"),
        (["--registry-insecure", "http://127.0.0.1:5000"], "is no host: write HOST or HOST:PORT"),
        (["--registry-insecure", ""], "is no host"),
        (["--registry-insecure", "me:hunter2@host"], "a host holds an '@'"),
        (["stray"], "unexpected extra argument"),
    ],
)
def test_usage_errors_end_with_2_and_still_one_json_document(run: Runner, option: list[str], words: str) -> None:
    """Stderr says what is wrong; whoever asked for JSON gets JSON."""
    for format_ in ("table", "json"):
        done = run("--format", format_, *option)
        assert done.returncode == 2
        assert words in done.stderr
        assert "Traceback" not in done.stderr
        assert "hunter2" not in done.stderr + done.stdout
        if format_ == "json":
            data = json.loads(done.stdout)
            jsonschema.validate(data, SCHEMA)
            assert (data["exit_code"], data["checks"]) == (2, [])
            assert words in data["problem"]
        else:
            assert done.stdout == ""


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        ("format: json\n", ["--bogus"], "No such option"),
        ("format: json\n", ["--only", "tld"], "no such check"),
        ("nonsense: 1\nformat: 'json'\n", [], "preflight.yaml:1: unknown key nonsense"),
    ],
)
def test_json_asked_for_in_the_configuration_is_given_for_usage_errors_too(
    run: Runner, text: str, options: list[str], words: str
) -> None:
    """Also where the configuration itself is wrong."""
    (run.cwd / "preflight.yaml").write_text(text)

    data = json.loads(run(*options).stdout)

    jsonschema.validate(data, SCHEMA)
    assert words in data["problem"]
    assert run(*options, PREFLIGHT_FORMAT="table").stdout == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("strict: true\ncolor: purple\n", "preflight.yaml:2: color: 'purple' is not one of"),
        ("timeout: .nan\n", "preflight.yaml:1: timeout: 'nan' is not between 0 and 1d"),
        ("jobs: 0\n", "preflight.yaml:1: jobs: 0 is not in the range"),
        ("registry:\n  insecure: ['localhost/*']\n", "preflight.yaml:2: registry.insecure: 'localhost/*' is no host"),
    ],
)
def test_a_value_that_an_option_refuses_is_named_with_its_line(run: Runner, text: str, words: str) -> None:
    """Not as if somebody had written it on the command line."""
    (run.cwd / "preflight.yaml").write_text(text)

    done = run()

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"preflight: {words}")


def test_a_configuration_that_is_a_link_to_nowhere_is_not_passed_over(run: Runner) -> None:
    """What it would have said is not known."""
    (run.cwd / "preflight.yaml").symlink_to("nowhere")

    done = run()

    assert done.returncode == 2
    assert "preflight.yaml: no such file" in done.stderr


def test_our_own_mistake_is_one_line_and_one_document(run: Runner, told: Path) -> None:
    """The last resort: kind and place, exit 3, no traceback, nothing quoted."""
    broken = (told / "told.py").read_text().replace('frozenset({"test"})', "['hunter2']")
    (told / "told.py").write_text(broken)

    done = run("--tag", "hunter2", "--format", "json")

    assert done.returncode == 3
    assert done.stderr.startswith("preflight: a mistake in preflight or in a check: TypeError at run/selection.py:")
    jsonschema.validate(json.loads(done.stdout), SCHEMA)


def test_the_option_overrides_the_environment_and_that_the_file(run: Runner) -> None:
    """Every option can be set in three places."""
    (run.cwd / "preflight.yaml").write_text("format: json\nchecks: {told: {say: warn}}\nstrict: true\n")

    from_file = run()
    assert json.loads(from_file.stdout)["status"] == "fail"
    assert from_file.returncode == 1
    assert run(PREFLIGHT_FORMAT="table").stdout.startswith("preflight ")
    assert run("--format", "json", PREFLIGHT_FORMAT="table").stdout.startswith("{")
    assert run(PREFLIGHT_STRICT="false").returncode == 3


def test_repeatable_options_are_lists_in_the_environment(preflight_cli: PreflightCli, told: Path) -> None:
    """Blanks separate them."""
    done = preflight_cli(
        "run", cwd=told.parent, env={"PREFLIGHT_CHECKS_DIR": str(told), "PREFLIGHT_ONLY": "told", "SAY": "pass"}
    )

    assert done.returncode == 0, done.stderr
    done = preflight_cli("run", cwd=told.parent, env={"PREFLIGHT_ONLY": "pin-file nonsense"})
    assert "--only: no such check: nonsense" in done.stderr


def test_the_configuration_of_the_git_root_is_found_from_below(run: Runner) -> None:
    """From a folder of the work tree the root's file counts, unless the folder has its own."""
    (run.cwd / ".git").mkdir()
    (run.cwd / "preflight.yaml").write_text("checks: {told: {say: fail}}\n")
    run.cwd = run.cwd / "inner"
    run.cwd.mkdir()

    assert run().returncode == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("chekcs: {}\n", "preflight.yaml:1: unknown key chekcs, did you mean checks?"),
        ("checks: {tld: {}}\n", "preflight.yaml:1: no such check: tld, did you mean told?"),
        ("checks:\n  told: {sya: x}\n", "preflight.yaml:2: unknown key sya in checks.told, did you mean say?"),
        ("waivers: [{check: tld, until: 2027-01-01, reason: x}]", "preflight.yaml:1: no such check: tld"),
        ("checks_dir: .\n", "preflight.yaml:1: a configuration that was merely found may not name code to run"),
        ("format: xml\n", "'xml' is not one of"),
        ("a: [", "preflight.yaml:2: not valid YAML"),
        ("\x00", "not valid YAML"),
    ],
)
def test_a_bad_configuration_is_one_line_and_exit_2(run: Runner, text: str, words: str) -> None:
    """File, line, and what was expected."""
    (run.cwd / "preflight.yaml").write_text(text)

    done = run()

    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert str(run.cwd) not in done.stderr
    assert "Traceback" not in done.stderr


def test_another_folder_can_be_named(preflight_cli: PreflightCli, told: Path, tmp_path: Path) -> None:
    """-C, as git and make have it."""
    there = tmp_path / "there"
    there.mkdir()
    (there / "preflight.yaml").write_text("checks: {told: {say: fail}}\n")

    done = preflight_cli("-C", there, "run", "--checks-dir", told, "--only", "told", cwd=tmp_path)

    assert done.returncode == 1
    assert preflight_cli("-C", tmp_path / "nowhere", "run", cwd=tmp_path).returncode == 2


def test_offline_leaves_network_checks_out_and_says_so(run: Runner, told: Path) -> None:
    """What needs the network is skipped with the reason, not run."""
    (told / "told.py").write_text(CHECK.format(needs="{Need.NETWORK}"))

    done = run("--offline", SAY="crash")

    assert done.returncode == 3
    assert "it needs the network (--offline)" in done.stdout
