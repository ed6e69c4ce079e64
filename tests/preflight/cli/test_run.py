"""preflight/cli/: the command line as a person, a pipe and cron use it, in a process of its own."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

import preflight
from tests.real.cli import PreflightCli
from tests.real.signals import NUMBERS, wait_until

SCHEMA = json.loads(files("preflight.run.reporters").joinpath("schema.json").read_text(encoding="utf-8"))
SOURCE = str(Path(preflight.__file__).resolve().parents[1])

CHECK = '''
import os, time
from dataclasses import dataclass
from preflight import About, Check, Failure, Need, Status, Subject, could_not_look, not_looked_at, passed, skipped

BAD = Failure("bad", "It is bad.", "Fix it.")
FRAGILE = Failure("fragile", "It is fragile.", "Fix it.", before=Status.WARN)
OLD = Failure("old", "It is old.", "Deploy.", before=Status.PASS, settles=True, deploy_fixes=True)

@dataclass(frozen=True)
class Knobs:
    say: str = "pass"

class Told(Check[Knobs]):
    """Says what its settings say."""
    about = About(
        "told", "It is as told", frozenset({{"test"}}), frozenset({needs}), "Is it?", "So.", (BAD, FRAGILE, OLD)
    )
    settings_type = Knobs
    def run(self, ctx):
        what = os.environ.get("SAY", self.settings.say)
        if what == "hang":
            (ctx.cwd / "begun").touch()
            time.sleep(600)
        if what == "crash":
            raise RuntimeError("PASSWORD=hunter2")
        yield {{
            "pass": lambda: passed("well", at=ctx.at(ctx.cwd / "f", 1)),
            "fail": lambda: ctx.found(BAD, "bad \\x1b[2J", Subject("release", "1.3.1")),
            "warn": lambda: ctx.found(FRAGILE, "fragile"),
            "old": lambda: ctx.found(OLD, "is old"),
            "skip": lambda: skipped("not here"),
            "not": lambda: not_looked_at("not asked", hint="ask"),
            "error": lambda: could_not_look("blind", hint="open your eyes"),
        }}[what]()
'''


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """Return a folder with one check that does as it is told."""
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "told.py").write_text(CHECK.format(needs=""))
    return folder


class Runner:
    """Runs only the check that does as it is told."""

    def __init__(self, cli: PreflightCli, told: Path, cwd: Path) -> None:
        self._cli, self._told, self.cwd = cli, told, cwd

    def __call__(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return self._cli("run", "--checks-dir", self._told, "--only", "told", *arguments, cwd=self.cwd, env=env)

    def start(self, *arguments: str, **env: str) -> "subprocess.Popen[str]":
        """Start it for a test of signals, with all the checks there are."""
        return self._cli.start("run", "--checks-dir", self._told, *arguments, cwd=self.cwd, env=env)


@pytest.fixture
def run(preflight_cli: PreflightCli, told: Path, tmp_path: Path) -> Runner:
    """Return the runner, standing in an empty folder."""
    cwd = tmp_path / "cwd"
    cwd.mkdir()
    return Runner(preflight_cli, told, cwd)


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


def test_further_reports_are_written_in_the_same_run(run: Runner, tmp_path: Path) -> None:
    """--output is repeatable; files are whole and replace old ones."""
    (tmp_path / "a.json").write_text("old")
    done = run("--output", f"json={tmp_path / 'a.json'}", "--output", f"table={tmp_path / 'a.txt'}", SAY="fail")

    assert done.returncode == 1
    jsonschema.validate(json.loads((tmp_path / "a.json").read_text()), SCHEMA)
    assert "FAIL  told" in (tmp_path / "a.txt").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "a.txt", "cwd", "more"]


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
        (["--timeout", "nan"], "nan is no number of seconds"),
        (["--timeout", "inf"], "inf is no number of seconds up to 86400 (a day)"),
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
        ("timeout: .nan\n", "preflight.yaml:1: timeout: nan is no number of seconds"),
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


NOISY = """
import os, subprocess
print("NOISE")
from preflight import About, Check, NoSettings, passed

class Noisy(Check[NoSettings]):
    about = About("noisy", "It is loud", frozenset(), frozenset(), "Is it?", "So.", ())
    def run(self, ctx):
        print("NOISE")
        os.write(1, b"NOISE\\n")
        subprocess.run(["echo", "NOISE"])
        yield passed("well")
"""


def test_what_a_check_prints_does_not_spoil_the_one_document(run: Runner, told: Path) -> None:
    """Neither its own words nor those of the programs it starts."""
    (told / "noisy.py").write_text(NOISY)

    done = run("--only", "noisy", "--format", "json")

    assert json.loads(done.stdout)["status"] == "pass"
    assert done.stderr == "NOISE\n" * 4


def in_a_shell(run: Runner, told: Path, rest: str, say: str = "pass") -> subprocess.CompletedProcess[str]:
    """Run it in a shell that redirects it."""
    command = f"{sys.executable} -m preflight run --checks-dir {told} --only told {rest}"
    env = {**os.environ, "SAY": say, "PYTHONPATH": SOURCE}
    return subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, cwd=run.cwd, env=env, timeout=30, check=False
    )


@pytest.mark.parametrize(("say", "code"), [("pass", 2), ("fail", 1), ("error", 3)])
def test_a_full_disk_is_said_and_never_a_pass(run: Runner, told: Path, say: str, code: int) -> None:
    """Nobody could read the report."""
    done = in_a_shell(run, told, "> /dev/full", say)

    problem = "preflight: standard output could not be written: no space left on device\n"
    assert (done.returncode, done.stderr) == (code, problem)


@pytest.mark.parametrize(
    ("rest", "code"),
    [("2>&-", 0), (">&-", 2), ("<&- >&-", 2), (">&- 2>&-", 2), ("-q >&-", 0), ("--format json --output line=f >&-", 2)],
)
def test_a_report_for_a_closed_stream_is_no_pass(run: Runner, told: Path, rest: str, code: int) -> None:
    """Nobody could read it. What has nothing to say needs no stream."""
    done = in_a_shell(run, told, rest)

    said = "preflight: standard output could not be written: it is closed\n"
    assert (done.returncode, done.stderr) == (code, said if code and "2>&-" not in rest else "")


def test_a_report_that_cannot_be_written_is_in_the_summary(run: Runner, told: Path) -> None:
    """The document on stdout does not say "clear to roll out" where the exit code says otherwise."""
    done = in_a_shell(run, told, f"--output json=/proc/nothing.json --output table={run.cwd}/there")

    assert done.returncode == 2
    assert "Exit 2: a report could not be written." in done.stdout
    assert "/proc/nothing.json could not be written" in done.stderr
    assert (run.cwd / "there").exists()


def test_a_folder_that_is_gone_is_one_line(run: Runner) -> None:
    """Somebody removed the checkout under the shell."""
    done = subprocess.run(
        ["sh", "-c", f"rmdir {run.cwd}; exec {sys.executable} -m preflight run"],
        capture_output=True,
        text=True,
        cwd=run.cwd,
        env={**os.environ, "PYTHONPATH": SOURCE},
        timeout=30,
        check=False,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("preflight: the folder you stand in is gone")


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


def test_waiting_is_for_after_a_rollout(run: Runner) -> None:
    """Before it nothing changes by waiting."""
    done = run("--wait", "5", SAY="pass")

    assert done.returncode == 2
    assert "--wait needs --stage after" in done.stderr


def test_waiting_ends_when_all_is_well(run: Runner, told: Path) -> None:
    """One report comes out, and it is the last one."""
    source = (told / "told.py").read_text()
    begins = source.index("        what = ")
    counting = (
        "        marks = ctx.cwd / 'asked'\n"
        "        marks.write_text((marks.read_text() if marks.exists() else '') + 'x')\n"
        "        what = 'pass' if len(marks.read_text()) > 1 else 'old'\n"
    )
    ends = source.index("\n", begins) + 1
    (told / "told.py").write_text(source[:begins] + counting + source[ends:])

    done = run("--stage", "after", "--wait", "60", "--format", "json")

    assert done.returncode == 0
    assert json.loads(done.stdout)["status"] == "pass"
    assert (run.cwd / "asked").read_text() == "xx"


def test_waiting_ends_at_once_where_it_cannot_help(run: Runner) -> None:
    """A failure that time cannot end."""
    # The test's own limit would end it, were it to wait.
    assert run("--stage", "after", "--wait", "3600", SAY="fail").returncode == 1


def test_a_report_on_disk_is_replaced_when_nothing_was_checked(run: Runner) -> None:
    """Yesterday's green report would be taken for today's."""
    (run.cwd / "report.json").write_text("{}")

    done = run("--output", "json=report.json", "--stage", "never")

    written = json.loads((run.cwd / "report.json").read_text())
    jsonschema.validate(written, SCHEMA)
    assert (done.returncode, written["exit_code"]) == (2, 2)
    assert "never" in written["problem"]


def test_a_report_named_by_a_broken_configuration_is_replaced(run: Runner) -> None:
    """Also where the mistake stands in the very file that names it; but not outside its folder."""
    outside = run.cwd.parent / "outside.json"
    outside.write_text("{}")
    text = "output:\n  - json=report.json\n  - json=../outside.json\ntimeuot: 5\n"
    (run.cwd / "preflight.yaml").write_text(text)

    done = run()

    assert done.returncode == 2
    assert "timeuot" in json.loads((run.cwd / "report.json").read_text())["problem"]
    assert outside.read_text() == "{}"


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


def test_a_hang_ends_at_the_timeout(run: Runner) -> None:
    """The whole run has a deadline."""
    done = run("--timeout", "1", SAY="hang")  # the check hangs for ten minutes, which the runner does not wait for

    assert done.returncode == 3
    assert "did not answer within its" in done.stdout


def test_a_reader_that_leaves_changes_nothing(run: Runner, told: Path) -> None:
    """`preflight run | true` keeps the verdict and prints no traceback."""
    command = f"{sys.executable} -m preflight run --checks-dir {told} --only told | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        cwd=run.cwd,
        env={**os.environ, "SAY": "fail", "PYTHONPATH": SOURCE},
        timeout=30,
        check=False,
    )

    assert (done.stdout, done.stderr) == ("1\n", "")


def test_a_bare_environment_is_enough(preflight_cli: PreflightCli, told: Path) -> None:
    """Cron: no HOME, no TERM, no locale, no terminal."""
    done = preflight_cli("run", "--checks-dir", told, "--only", "told", cwd=told, bare=True, env={"SAY": "pass"})

    assert (done.returncode, done.stderr) == (0, "")


def test_an_output_that_knows_only_ascii_is_served(run: Runner) -> None:
    """A terminal without UTF-8 gets a question mark, not a traceback."""
    done = run("-v", SAY="fail", PYTHONIOENCODING="ascii")

    assert done.returncode == 1


@pytest.mark.parametrize("sent", NUMBERS)
def test_an_interrupted_run_reports_and_leaves(run: Runner, sent: signal.Signals) -> None:
    """A signal ends the run at once, with a whole report and an exit code of its own."""
    process = run.start("--only", "told", "--format", "json", SAY="hang")
    wait_until((run.cwd / "begun").exists, process)
    process.send_signal(sent)
    out, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (128 + sent, "")
    data = json.loads(out)
    jsonschema.validate(data, SCHEMA)
    assert data["exit_code"] == 128 + sent
    assert data["checks"][0]["findings"][0]["message"] == "interrupted before it had answered"


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_before_any_check_began_there_is_still_one_document(
    run: Runner, told: Path, sent: signal.Signals
) -> None:
    """While the checks are loaded, say."""
    (told / "slow.py").write_text("import pathlib, time\npathlib.Path('begun').touch()\ntime.sleep(600)\n")
    process = run.start("--format", "json")
    wait_until((run.cwd / "begun").exists, process)
    process.send_signal(sent)
    out, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (128 + sent, "preflight: interrupted\n")
    data = json.loads(out)
    jsonschema.validate(data, SCHEMA)
    assert (data["exit_code"], data["problem"]) == (128 + sent, "interrupted")


@pytest.mark.parametrize("way", ["raise RuntimeError from None", "pass"])
def test_a_module_that_swallows_the_interruption_ends_the_run_all_the_same(run: Runner, told: Path, way: str) -> None:
    """Python itself does the first, now and then: it was no answer, and no fault of the module either."""
    (told / "slow.py").write_text(
        "import pathlib, time\n"
        "try:\n    pathlib.Path('begun').touch()\n    time.sleep(600)\n"
        f"except BaseException:\n    {way}\n"
    )
    process = run.start("--format", "json")
    wait_until((run.cwd / "begun").exists, process)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=120)

    assert (process.returncode, err) == (143, "preflight: interrupted\n")
    assert json.loads(out)["problem"] == "interrupted"


def on_a_terminal(command: list[str], cwd: Path, env: dict[str, str]) -> str:
    """Run a command on a pseudo-terminal and return what it wrote there."""
    master, slave = pty.openpty()
    process = subprocess.Popen(command, cwd=cwd, env=env, stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    written = b""
    while select.select([master], [], [], 20)[0]:
        try:
            chunk = os.read(master, 65536)
        except OSError:
            break
        if not chunk:
            break
        written += chunk
    process.wait(timeout=10)
    os.close(master)
    return written.decode()


def test_a_terminal_gets_colour_and_progress_and_no_color_takes_the_colour(run: Runner, told: Path) -> None:
    """On a terminal progress shows while checks run; NO_COLOR is heeded."""
    command = [sys.executable, "-m", "preflight", "run", "--checks-dir", str(told), "--only", "told"]
    env = {**os.environ, "SAY": "fail", "PYTHONPATH": SOURCE, "TERM": "xterm"}
    env.pop("NO_COLOR", None)

    colourful = on_a_terminal(command, run.cwd, env)
    plain = on_a_terminal(command, run.cwd, {**env, "NO_COLOR": "1"})

    assert "checking 0/1: told" in colourful
    assert "\x1b[1;31mFAIL\x1b[0m" in colourful
    assert "\x1b[1;31m" not in plain
    assert "FAIL" in plain
    assert "\x1b" not in on_a_terminal(command, run.cwd, {**env, "TERM": "dumb"})


def test_a_checkout_does_not_run_itself(preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """Modules and checks lying in the working folder are not imported, however the tool is started."""
    files = "yaml.py tabulate.py sitecustomize.py checks/__init__.py click.py signal.py pathlib.py"
    for name in files.split():
        path = tmp_path / "evil" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("raise SystemExit('the checkout ran')\n")

    done = preflight_cli("list", cwd=tmp_path / "evil")

    assert done.returncode == 0, done.stderr
    assert "pin-file" in done.stdout
