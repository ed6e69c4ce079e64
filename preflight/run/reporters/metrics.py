"""Gauges in Prometheus' text format, written by Prometheus' own library.

Source: prometheus.io, "Exposition formats".
"""

from collections.abc import Iterable, Mapping

from prometheus_client import generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from preflight.lib.text import printable
from preflight.model import Status

_LONGEST = 200

Metric = GaugeMetricFamily
"""What is measured, with its samples."""

Sample = tuple[Mapping[str, str], float]
"""Labels and a value."""


def gauge_of(name: str, says: str, samples: Iterable[Sample], *labels: str) -> Metric:
    """Return a metric.

    Args:
        name: Without ``preflight_``.
        says: One sentence about it.
        samples: Each with all labels; of two with the same labels the last counts.
        labels: In their order.
    """
    metric = Metric(f"preflight_{name}", says, labels=labels)
    # node_exporter refuses a whole file for one series that is there twice.
    series = {tuple(printable(given[label], _LONGEST) for label in labels): value for given, value in samples}
    for values, value in series.items():
        metric.add_metric(values, value)
    return metric


def states_of(labels: Mapping[str, str], present: Status) -> list[Sample]:
    """Return one sample a status: 1 for the present one, 0 for the others."""
    return [({**labels, "status": status.value}, float(status is present)) for status in Status]


def exposition(metrics: Iterable[Metric]) -> str:
    """Return the text."""
    return generate_latest(_Metrics(tuple(metrics))).decode("utf-8")


class _Metrics(Collector):
    """Metrics that are known already, as the library's writer takes them."""

    def __init__(self, metrics: tuple[Metric, ...]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        """Return them."""
        return self._metrics
