"""The fleet as metrics in Prometheus' text format: what an alert needs of each host.

Labels hold names of hosts, projects, stages and pins, never messages, so that the number of series is bounded.
"""

from collections.abc import Iterable, Iterator

from preflight.fleet.fleet import Fleet
from preflight.fleet.host import Host
from preflight.report import Style
from preflight.run.reporters.metrics import Metric, Sample, exposition, gauge_of, states_of

_COMMON = ("host", "project", "stage")
_PIN = ("variable", "service", "release", "pinned_digest", "running_digest")


def render(fleet: Fleet, _style: Style) -> str:
    """Return the metrics. Of several reports of the same host, project and stage the newest counts."""
    return exposition(_metrics(fleet))


def _metrics(fleet: Fleet) -> Iterator[Metric]:
    hosts = sorted(fleet.hosts, key=lambda host: host.started.timestamp() if host.started else 0.0)

    def gauge(name: str, says: str, samples: Iterable[Sample], *labels: str) -> Metric:
        return gauge_of(f"fleet_{name}", says, samples, *_COMMON, *labels)

    states = [each for host in hosts for each in states_of(_labels(host), host.status)]
    yield gauge("host_status", "1 for the status of a host, 0 for the others.", states, "status")
    codes = [(_labels(host), float(host.exit_code)) for host in hosts]
    yield gauge("host_exit_code", "Exit code of the run on a host; 3 without a report.", codes)
    times = [(_labels(host), host.started.timestamp()) for host in hosts if host.started]
    yield gauge("host_run_timestamp_seconds", "Unix time at which the run on a host began.", times)
    yield gauge(
        "pin_info",
        "What is pinned on a host, and what a container was last seen to have.",
        [each for host in hosts for each in _pins(host)],
        *_PIN,
    )
    yield gauge_of("fleet_exit_code", "1, 3 or 0 for all hosts.", [({}, float(fleet.exit_code))])


def _labels(host: Host) -> dict[str, str]:
    return {"host": host.name, "project": host.project, "stage": host.stage.value if host.stage else ""}


def _pins(host: Host) -> Iterator[Sample]:
    for pin in host.pins:
        for running in pin.running or ("",):
            values = (pin.variable, pin.service, pin.release, pin.digest, running)
            yield {**_labels(host), **dict(zip(_PIN, values, strict=True))}, 1.0
