"""``make bench``: how fast and how large the tool is, against the targets.

Not a test: it prints what it measured and whether the targets are met, and fails only if something could not be
measured. Names of measurements as arguments choose among them. Ratios are medians of runs taken in turn, so they hold
on a slow or busy machine as well.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from provision import busybox, sample
from provision.command import run
from provision.compose_binaries import plugin_folder
from provision.errors import ProvisionError
from provision.keeper import kept
from provision.registry import RegistryClient

from tests.bench.coolify_bench import APPLICATIONS, by_hand, coolify_server, without_coolify
from tests.bench.fleet import FORKS, HOSTS, REPORTS, local_hosts, reports
from tests.bench.inputs import large_project, many_checks
from tests.bench.measure import Command, CouldNotMeasure, in_turn, median_seconds, run_once
from tests.bench.page import fill
from tests.bench.pin_bench import COMMITS, history_commands, update_commands
from tests.bench.registry_bench import CHILDREN, TAGS, ChildrenTiming, measure_children, measure_tags
from tests.bench.signatures import verification
from tests.bench.year import RUNS, year
from tests.real.coolify.helper import provide_image
from tests.real.engine import RealEngine

ROOT = Path(__file__).resolve().parents[2]
PREFLIGHT = str(Path(sys.executable).with_name("preflight"))
RUNBOOK = str(Path(__file__).with_name("runbook.sh"))
BARE_DOORS = str(Path(__file__).with_name("bare_doors.py"))
ARGUMENTS = (sample.COMPOSE_FILE, sample.SERVICE, sample.PIN_FILE, sample.VARIABLE)
"""What both of them look at."""


@dataclass(frozen=True)
class Place:
    """Where the measurements are made.

    Args:
        env: The whole environment of the programs: engine, newest Compose, nothing of the person.
        folder: For generated input.
        stack: The deployed sample.
    """

    env: dict[str, str]
    folder: Path
    stack: sample.Sample

    def preflight(self, *arguments: str, cwd: Path) -> Command:
        """The tool with these arguments, which has to end with 0."""
        return Command([PREFLIGHT, *arguments], cwd, self.env)

    @property
    def whole_run(self) -> Command:
        """``preflight run`` on the deployed sample."""
        return self.preflight("run", "--registry-insecure", self.stack.registry, cwd=self.stack.path)


@dataclass(frozen=True)
class Row:
    """One line of the table: what, how it was measured, the number, its unit and its target (at most)."""

    what: str
    detail: str
    measured: float
    unit: str
    target: float

    @property
    def verdict(self) -> str:
        """Whether the target is met."""
        return "met" if self.measured <= self.target else "NOT MET"


def bare_doors(place: Place) -> Iterator[Row]:
    """Compare the whole run with a script that makes the same calls with the same libraries, and judges nothing."""
    script = [sys.executable, BARE_DOORS, *ARGUMENTS]
    pair = in_turn(place.whole_run, Command(script, place.stack.path, place.env), 15)
    yield Row("preflight run / the same libraries and calls, wall", str(pair), pair.wall, "x", 1.3)
    yield Row("preflight run / the same libraries and calls, CPU", str(pair), pair.cpu, "x", 1.3)


def whole_run(place: Place) -> Row:
    """Compare the whole run with the runbook done by hand."""
    pair = in_turn(place.whole_run, Command(["sh", RUNBOOK, *ARGUMENTS], place.stack.path, place.env), 15)
    return Row("preflight run / runbook.sh", str(pair), pair.wall, "x", 1.6)


def one_check(place: Place) -> Row:
    """Compare one check that asks only git with the import of the library that reads its command line."""
    imported = Command([sys.executable, "-c", "import click"], place.folder, place.env)
    pair = in_turn(place.preflight("run", "--only", "pin-file", cwd=place.stack.path), imported, 25)
    return Row("preflight run --only pin-file / import click, CPU", str(pair), pair.cpu, "x", 2.5)


def version(place: Place) -> Row:
    """Compare the quickest command with the bare interpreter."""
    bare = Command([sys.executable, "-c", "pass"], place.folder, place.env)
    pair = in_turn(place.preflight("--version", cwd=place.folder), bare, 25)
    return Row("preflight --version / python -c pass", str(pair), pair.wall, "x", 4)


def thousand_services(place: Place) -> Row:
    """Compare the checks of compose files with Compose reading the same file once."""
    project = large_project(place.folder / "large", 1000)
    config = Command(["docker", "compose", "config"], project, place.env)
    pair = in_turn(place.preflight("run", "--tag", "compose", cwd=project), config, 9)
    return Row("1,000 services: preflight run / docker compose config", str(pair), pair.wall, "x", 1.25)


def thousand_checks(place: Place) -> Row:
    """Time a run of very many checks that do nothing."""
    checks = many_checks(place.folder / "checks", 1000)
    empty = place.folder / "empty"
    empty.mkdir()
    command = place.preflight("run", "--checks-dir", str(checks), "--tag", "bench", cwd=empty)
    return Row("1,000 trivial checks", "median of 5", median_seconds(command, 5), "s", 2)


def verified_provenance(place: Place) -> Row:
    """Compare the verification of a real provenance with what `sigstore` takes for the same bundle, already on disk."""
    folder = place.folder / "verified"
    ours, theirs = verification(folder, place.stack.registry)
    pair = in_turn(place.preflight(*ours, cwd=folder), Command(theirs, folder, place.env), 9)
    return Row("image-provenance / python -m sigstore verify", str(pair), pair.wall, "x", 1.5)


def all_tags(_: Place) -> Row:
    """Compare reading all tags, a hundred a page, with `curl` asked for page after page."""
    timing = measure_tags()
    detail = f"{_times(timing.ours, timing.curl_loop)}; one curl for all pages {timing.curl_once * 1000:.0f} ms"
    return Row(f"{TAGS:,} tags / the same pages with curl in a loop", detail, timing.ratio, "x", 1.3)


def children_of_an_index(_: Place) -> Row:
    """Compare seeing whether an index of many children would pull with one of one child, registry on this machine."""
    return _children(measure_children(), "here")


def children_far_away(_: Place) -> Row:
    """Compare the same with a registry that takes 20 ms for each answer, as over a network."""
    return _children(measure_children(away_s=0.02), "20 ms away")


def _children(timing: ChildrenTiming, where: str) -> Row:
    return Row(f"{CHILDREN} children of an index / one, {where}", _times(timing.many, timing.one), timing.ratio, "x", 3)


def coolify(place: Place) -> Iterator[Row]:
    """See what the checks of Coolify add on a server with many applications, beside listing and reading by hand."""
    root = place.folder / "coolify"
    provide_image(RealEngine(place.env["DOCKER_HOST"], place.env))
    configuration = coolify_server(root, place.env, sample.IMAGE, place.stack)
    # compose-version asks for the mode as well, so it would hide a part of what that costs
    words = ["run", "--config", str(configuration), "--skip", "compose-version"]
    words += ["--registry-insecure", place.stack.registry]
    leaving_out = place.preflight(*words, *without_coolify(), cwd=place.stack.path)
    whole = replace(place.preflight(*words, cwd=place.stack.path), exit_code=1)  # default mode: the pin never arrives
    pair = in_turn(whole, leaving_out, 9)
    added = pair.first.wall_s - pair.second.wall_s
    hand_s = median_seconds(Command(by_hand(root), place.folder, place.env), 9)
    detail = f"{pair}; by hand {hand_s * 1000:.0f} ms"
    yield Row(f"{APPLICATIONS} applications: the checks of Coolify add", detail, added * 1000, "ms", 300)
    yield Row("the same / docker ps and one file each", detail, added / hand_s, "x", 300 / (hand_s * 1000))


def pin_update(place: Place) -> Iterator[Row]:
    """Compare an update of a pin that is pushed with the same steps in shell."""
    pair = in_turn(*update_commands(place.stack, place.folder, place.env, place.preflight), 15)
    yield Row("preflight pin update --push / curl, sha256sum and git", str(pair), pair.wall, "x", 1.5)
    yield Row("the same, CPU", str(pair), pair.cpu, "x", 1.5)


def pin_history(place: Place) -> Iterator[Row]:
    """Compare the history of a pin with `git log -p` of its file and one question to the registry."""
    pair = in_turn(*history_commands(place.stack.registry, place.folder, place.env, place.preflight), 15)
    yield Row(f"preflight pin history of {COMMITS} commits / git log -p", str(pair), pair.wall, "x", 1.2)
    yield Row("the same, CPU", str(pair), pair.cpu, "x", 1.2)


def recording(place: Place) -> Row:
    """See what it adds to the whole run that it is recorded."""
    words = [*place.whole_run.argv[1:], "--history", str(place.folder / "recording.db")]
    pair = in_turn(place.preflight(*words, cwd=place.stack.path), place.whole_run, 15)
    return Row("recording a run adds", str(pair), (pair.first.wall_s - pair.second.wall_s) * 1000, "ms", 15)


def history_of_a_year(place: Place) -> Iterator[Row]:
    """Time the commands that read a history of a year, with a run every five minutes."""
    path, project = place.folder / "year.db", place.folder / "year"
    project.mkdir()
    year(path, project)
    detail = f"median of 9; {path.stat().st_size / 2**20:.0f} MiB"
    for what in (["history"], ["history", "--check", "check-3"], ["diff"]):
        command = place.preflight(*what, "--history", str(path), cwd=project)
        name = f"{RUNS:,} runs: preflight {' '.join(what)}"
        yield Row(name, detail, median_seconds(command, 9) * 1000, "ms", 300)


def memory(place: Place) -> Row:
    """Look for the highest memory of the whole run on the sample."""
    peak = max(run_once(place.whole_run, watch_memory=True).peak_mib for _ in range(5))
    return Row("peak memory of preflight run", "highest of 5", peak, "MiB", 45)


def page(place: Place) -> Row:
    """Time a process that reads a history of a thousand runs of twenty checks, and writes the page."""
    history = place.folder / "page.sqlite3"
    fill(history)
    command = Command([sys.executable, "-m", "tests.bench.page", str(history)], ROOT, place.env)
    return Row("the HTML page from 1,000 recorded runs", "median of 5", median_seconds(command, 5), "s", 1)


def fleet_reports(place: Place) -> Iterator[Row]:
    """Time and watch one table of many saved reports."""
    folder = place.folder / "reports"
    argv = [PREFLIGHT, "fleet", "report", "--format", "markdown", *reports(folder)]
    runs = [run_once(Command(argv, folder, place.env, exit_code=1), watch_memory=True) for _ in range(3)]
    fastest, peak = min(run.wall_s for run in runs), max(run.peak_mib for run in runs)
    detail = f"fastest of 3; CPU {min(run.cpu_s for run in runs):.2f} s"
    yield Row(f"{REPORTS:,} reports merged and printed", detail, fastest, "s", 3)
    yield Row("the same, peak memory", "highest of 3", peak, "MiB", 300)


def fleet_hosts(place: Place) -> Row:
    """Compare asking many local hosts with Ansible's own command over the same inventory."""
    inventory, program = local_hosts(place.folder / "fleet")
    words = ["-i", str(inventory), "--forks", str(FORKS)]
    ours = Command([PREFLIGHT, "fleet", "run", *words], place.folder, place.env, exit_code=1)
    ansible = str(Path(sys.executable).with_name("ansible"))
    theirs = Command([ansible, "all", *words, "-m", "command", "-a", str(program)], place.folder, place.env)
    pair = in_turn(ours, theirs, 1)
    return Row(f"{HOSTS} local hosts: preflight fleet run / ansible -m command", str(pair), pair.wall, "x", 1.2)


MEASUREMENTS: tuple[Callable[[Place], Row | Iterator[Row]], ...] = (
    bare_doors,
    whole_run,
    one_check,
    version,
    thousand_services,
    thousand_checks,
    all_tags,
    children_of_an_index,
    children_far_away,
    verified_provenance,
    memory,
    recording,
    history_of_a_year,
    page,
    fleet_reports,
    fleet_hosts,
    coolify,
    pin_update,
    pin_history,
)


def main(names: Sequence[str]) -> int:
    """Measure what is named (functions of this file), else everything; 1 if something could not be measured."""
    problems = 0
    try:
        with _place() as place:
            for measure in (each for each in MEASUREMENTS if not names or each.__name__ in names):
                try:
                    measured = measure(place)
                    for row in (measured,) if isinstance(measured, Row) else measured:
                        _print(row)
                except CouldNotMeasure as error:
                    problems += 1
                    sys.stdout.write(f"could not measure {measure.__name__}: {error}\n")
    except ProvisionError as error:
        sys.stderr.write(f"cannot measure here: {error.message}\n  -> {error.remedy}\n")
        return 1
    return 1 if problems else 0


@contextmanager
def _place() -> Iterator[Place]:
    with ExitStack() as stack:
        env = {
            "PATH": os.environ.get("PATH", os.defpath),
            "DOCKER_HOST": stack.enter_context(kept("engine")),
            "DOCKER_CONFIG": str(plugin_folder()),
        }
        registry = RegistryClient(stack.enter_context(kept("registry")))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="preflight-bench-")))
        env["HOME"] = str(folder)
        checkout = sample.check_out(folder / "hephaestus", registry)
        busybox.import_image(sample.IMAGE, env)
        run(["docker", "compose", "--file", sample.COMPOSE_FILE, "up", "--detach"], env=env, cwd=checkout.path)
        yield Place(env, folder, checkout)


def _print(row: Row) -> None:
    measured = f"{row.measured:.2f} {row.unit}"
    target = f"<= {row.target:g} {row.unit}"
    sys.stdout.write(f"{row.what:<54} {measured:>10}  {target:<9}  {row.verdict:<7}  ({row.detail})\n")
    sys.stdout.flush()


def _times(first: float, second: float) -> str:
    return f"{first * 1000:.0f} ms / {second * 1000:.0f} ms"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
