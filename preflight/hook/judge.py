"""Run the ordinary session on a checkout, and decide whether the gate opens."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from preflight.context import Options
from preflight.errors import CouldNotLook
from preflight.hook.command import Order
from preflight.hook.first_deployment import has_token, is_first
from preflight.hook.project import Approvable, compose_environ, find_pins
from preflight.lib import interrupts
from preflight.lib.deadline import Deadline
from preflight.lib.records import frozen
from preflight.lib.reference import ImageReference
from preflight.model import About, CheckResult, Finding, Need, Status
from preflight.report import Report
from preflight.run.config import Configuration
from preflight.run.verdict import blocks, exit_code

if TYPE_CHECKING:
    from preflight.registry.door import Registry

LATER = frozenset({"runtime", "image"})
"""Tags of the checks that judge what runs now, and what this host keeps of it. Before a rollout that is the old
deployment, which carries the old pin by right, and whose successor's image nobody has pulled yet; and a rollout that
mends a broken deployment must not be refused for what it is about to mend."""


_SETTINGS = frozenset({"coolify", "pin"})

BRANCH = frozenset({"branch"})
"""Tags of the checks that compare the checkout with the head of its branch: nothing to ask of a checkout, or a commit,
that is deployed whatever the branch says."""


COOLIFY = frozenset({"coolify"})
"""Tags of the checks that judge by what Coolify deployed last, or by its API: before a first deployment, which only the
second gate sees, there is neither."""


class NobodyWatches:
    """An observer that says nothing."""

    def planned(self, total: int) -> None:
        """That many checks will run."""

    def started(self, about: About) -> None:
        """A check begins."""

    def finished(self, about: About) -> None:
        """A check has answered."""


@frozen
class Excused:
    """A finding that would block, and why it does not."""

    check: str
    finding: Finding
    by: str


@frozen
class Judged:
    """What came of a session.

    Args:
        report: All of it.
        blocking: What keeps the gate shut, failures first.
        excused: What would, if the operator had not said otherwise.
        waived: Ids of checks with a waiver in the configuration.
        exit_code: Of the gate, before it is opened by force.
        pins: The pins by digest.
        compose: The compose files that were judged.
        left_out: Ids of checks that the configuration of the checkout skips.
        past: Ids of checks that block, but judge Coolify's settings by its last deployment.
        first: Nothing was deployed yet, so that Coolify's settings could not be judged.
        only: All that the configuration of the checkout lets run, ids and tags; empty: every check.
    """

    report: Report
    blocking: tuple[tuple[str, Finding], ...]
    excused: tuple[Excused, ...]
    waived: tuple[str, ...]
    exit_code: int
    pins: tuple[Approvable, ...] = ()
    compose: tuple[Path, ...] = ()
    left_out: tuple[str, ...] = ()
    past: tuple[str, ...] = ()
    first: bool = False
    only: tuple[str, ...] = ()

    @property
    def narrowed(self) -> tuple[str, ...]:
        """Return how the commit's own configuration narrows the gate; shown, logged and in the receipt."""
        lines = [f"run by preflight.yaml: only {', '.join(self.only)}"] if self.only else []
        lines += [f"left out by preflight.yaml: {', '.join(self.left_out)}"] if self.left_out else []
        lines += [f"waived: {', '.join(self.waived)}"] if self.waived else []
        return tuple(lines)


def judge(
    configuration: Configuration, order: Order, environ: Mapping[str, str], commit: str, deadline: Deadline
) -> Judged:
    """Judge a checkout.

    Args:
        configuration: From ``configuration_of``.
        order: What the operator wrote.
        environ: Without what only the sidecar has.
        commit: What is checked out.
        deadline: For all of it.

    Raises:
        ConfigurationError: The order or the configuration asks for something impossible.
        Interrupted: A signal was received while the checks ran: what they had found by then is no judgement.
    """
    from preflight.run.session import Request, run_session

    options = configuration.options
    environ = compose_environ(environ, configuration, commit)
    insecure = (*order.registry_insecure, *options.get("registry_insecure", ()))
    first = is_first(order, configuration, environ, deadline)
    request = Request(
        configuration=configuration,
        cwd=configuration.base,
        environ=environ,
        host=_host(),
        only=order.only or options.get("only", ()),
        skip=(*order.skip, *options.get("skip", ()), *_senseless(order, configuration, first=first)),
        tags=() if order.only else options.get("tag", ()),
        checks_dirs=[Path(folder) for folder in options.get("checks_dir", ())],
        timeout_s=deadline.remaining("the checks"),
        strict=order.strict or bool(options.get("strict")),
        options=_options(configuration, order),
        registry_insecure=insecure,
    )
    report = run_session(request, NobodyWatches())
    interrupts.raise_received()
    pins, compose = find_pins(configuration, environ)
    silent = _silent_registries(order, report, pins, lambda: _registry(environ, insecure), deadline)
    decided = _decide(report, _Allowed(order, silent), strict=request.strict)
    past = () if has_token(configuration, environ) else _by_the_past(decided)
    left_out, only = tuple(options.get("skip", ())), () if order.only else _only(options)
    return replace(decided, pins=pins, compose=compose, left_out=left_out, past=past, first=first, only=only)


def _only(options: Mapping[str, Any]) -> tuple[str, ...]:
    return (*options.get("only", ()), *(f"tag {tag}" for tag in options.get("tag", ())))


def _by_the_past(decided: Judged) -> tuple[str, ...]:
    """Return the checks that block because of settings that may have been changed since they were last seen."""
    blocking = {check for check, finding in decided.blocking if finding.status is Status.FAIL}
    tagged = {result.about.id for result in decided.report.results if result.about.tags >= _SETTINGS}
    return tuple(sorted(blocking & tagged))


def _registry(environ: Mapping[str, str], insecure: Iterable[str]) -> "Registry":
    from preflight.registry.door import Registry

    return Registry(environ, insecure=frozenset(insecure))


def _options(configuration: Configuration, order: Order) -> Options:
    deep = bool(configuration.options.get("deep"))
    return Options(deep=deep, trust_root=configuration.trust_root, branch=order.branch)


def _host() -> str:
    import os

    return os.uname().nodename


def _senseless(order: Order, configuration: Configuration, *, first: bool) -> tuple[str, ...]:
    """Return the ids of the checks that make no sense before this rollout; see that those that are allowed exist."""
    from preflight.run.discovery import discover
    from preflight.run.selection import refuse_unknown_checks

    folders = [Path(folder) for folder in configuration.options.get("checks_dir", ())]
    found = discover(folders)
    refuse_unknown_checks(found, "--allow: ", order.allow)
    abouts = [each.about for each in found.checks]
    tags = LATER
    tags |= BRANCH if order.checkout is not None or order.commit else frozenset()
    tags |= COOLIFY if first else frozenset()
    return tuple(about.id for about in abouts if tags & about.tags and about.id not in order.only)


def _silent_registries(
    order: Order, report: Report, pins: Sequence[Approvable], ask: "Callable[[], Registry]", deadline: Deadline
) -> frozenset[str]:
    """Return the registries that do not answer, if the operator allows that and a check could not look."""
    errors = [finding for _, finding in _findings(report) if finding.status is Status.ERROR]
    if not order.allow_unreachable_registry or not errors:
        return frozenset()
    door = ask()
    images = {each.image.registry: each.image for each in pins}
    return frozenset(host for host, image in images.items() if _is_silent(door, image, deadline))


def _is_silent(door: "Registry", image: ImageReference, deadline: Deadline) -> bool:
    from preflight.http.errors import RateLimited, ServerTrouble, TimedOut, TlsFailed, Unreachable

    try:
        door.head_manifest(image, deadline)
    except CouldNotLook as error:
        # Behind a certificate that is not trusted somebody answers, but it may be anybody.
        silent = isinstance(error, Unreachable | TimedOut | ServerTrouble | RateLimited)
        return silent and not isinstance(error, TlsFailed)
    return False


@frozen
class _Allowed:
    """What the operator lets through."""

    order: Order
    silent: frozenset[str]

    def by(self, about: About, finding: Finding) -> str:
        """Return the option that excuses a finding, "" if none does."""
        if about.id in self.order.allow:
            return "--allow"
        if finding.status is Status.ERROR and Need.NETWORK in about.needs:
            words = f"{finding.message} {finding.hint}"
            if any(host in words for host in self.silent):
                return "--allow-unreachable-registry"
        return ""


def _findings(report: Report) -> list[tuple[About, Finding]]:
    return [(result.about, finding) for result in report.results for finding in result.findings]


def _decide(report: Report, allowed: _Allowed, *, strict: bool) -> Judged:
    blocking: list[tuple[str, Finding]] = []
    excused: list[Excused] = []
    counting: list[CheckResult] = []
    for result in report.results:
        kept = []
        for finding in result.findings:
            is_bad = blocks(finding, strict=strict)
            by = allowed.by(result.about, finding) if is_bad else ""
            if by:
                excused.append(Excused(result.about.id, finding, by))
                continue
            kept.append(finding)
            blocking += [(result.about.id, finding)] if is_bad else []
        counting.append(replace(result, findings=tuple(kept)))
    waived = {about.id for about, finding in _findings(report) if finding.waived is not None}
    code = exit_code(counting, strict=strict)
    ranked = sorted(blocking, key=lambda pair: pair[1].status.rank)
    return Judged(report, tuple(ranked), tuple(excused), tuple(sorted(waived)), code)
