"""Metrics in Prometheus' text format, for the textfile collector of node_exporter.

Sources: prometheus.io, "Metric and label naming", "Exposition formats"; node_exporter README, "Textfile Collector".
Labels hold names of checks, codes and pins only, so that the number of series is bounded. Each series has the labels
``project`` and ``stage``: files of several projects and stages can lie in one folder.
"""

import platform
from collections import Counter
from collections.abc import Iterable, Iterator
from os.path import normpath
from pathlib import PurePath

from preflight.model import CheckResult, Finding, Stage, Status
from preflight.report import JudgedProject, PinState, Report, Style
from preflight.run.reporters.metrics import Metric, Sample, exposition, gauge_of, states_of
from preflight.run.reporters.running import running_digests
from preflight.run.verdict import overall

_WRONG = (Status.FAIL, Status.ERROR, Status.WARN)


def render(report: Report, _style: Style) -> str:
    """Return the metrics of one run."""
    return exposition(_metrics(report))


def _metrics(report: Report) -> Iterator[Metric]:
    common = {"project": _project(report.judged), "stage": report.stage.value}

    def gauge(name: str, says: str, samples: Iterable[Sample], *labels: str) -> Metric:
        given = (({**common, **own}, value) for own, value in samples)
        return gauge_of(name, says, given, *common, *labels)

    build = {"version": report.version, "python": platform.python_version()}
    yield gauge("build_info", "The preflight that ran, and its Python.", [(build, 1)], *build)
    yield gauge("run_timestamp_seconds", "Unix time at which the run began.", [({}, report.started.timestamp())])
    yield gauge("run_duration_seconds", "Duration of the run.", [({}, report.duration_s)])
    yield gauge("run_exit_code", "Exit code of the run; 0 is well.", [({}, report.exit_code)])
    state = overall(report.results, report.exit_code)
    yield gauge("run_status", "1 for the status of the run, 0 for the others.", states_of({}, state), "status")
    results = report.results
    states = [each for result in results for each in states_of({"check": result.about.id}, result.status)]
    yield gauge("check_status", "1 for the status of a check, 0 for the others.", states, "check", "status")
    durations = [({"check": result.about.id}, result.duration_s) for result in results]
    yield gauge("check_duration_seconds", "Duration of a check.", durations, "check")
    findings = [each for result in results for each in _findings(result, report.stage)]
    yield gauge("findings", "Findings of a check by code and status.", findings, "check", "code", "status")
    pins = [each for pin in report.judged.pins for each in _pin(pin, report)]
    labels = ("variable", "service", "release", "pinned_digest", "running_digest")
    yield gauge("pin_info", "What is pinned, and what a container was last seen to have.", pins, *labels)


def _project(judged: JudgedProject) -> str:
    """Return the folder of the project, absolute where that is known: it tells projects of one host apart."""
    return normpath(PurePath(judged.folder, judged.project)) if judged.folder or judged.project else ""


def _findings(result: CheckResult, stage: Stage) -> Iterator[Sample]:
    """Yield the number of findings of each declared code, also where it is 0: a series that ends tells nothing."""
    declared = {each.code: each.status(stage) for each in result.about.failures}
    counted = Counter({(code, status.value): 0 for code, status in declared.items() if status in _WRONG})
    counted.update((finding.code, _status(finding)) for finding in result.findings if finding.status in _WRONG)
    for (code, status), count in counted.items():
        yield {"check": result.about.id, "code": code, "status": status}, count


def _status(finding: Finding) -> str:
    if finding.waived is not None:
        return "waived"
    return "allowed" if finding.allowed else finding.status.value


def _pin(pin: PinState, report: Report) -> Iterator[Sample]:
    for running in sorted(running_digests(pin, report)) or [""]:
        yield (
            {
                "variable": pin.variable,
                "service": pin.service,
                "release": pin.release,
                "pinned_digest": pin.digest,
                "running_digest": running,
            },
            1,
        )
