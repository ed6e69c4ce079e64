"""Run the ordinary session on a checkout, and decide whether the gate opens."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
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
from preflight.run.runner import NobodyWatches
from preflight.run.verdict import Allowance, blocks, exit_code

if TYPE_CHECKING:
    from preflight.registry.door import Registry


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
        waived: What the configuration waives, as ID/CODE.
        exit_code: The exit code of the gate, before it is opened by force.
        pins: The pins by digest.
        compose: The compose files that were judged.
        left_out: Ids of checks that the configuration of the checkout skips.
        past: What blocks, as ID/CODE, but is judged by Coolify's last deployment.
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
        skip=(*order.skip, *options.get("skip", ())),
        tags=() if order.only else options.get("tag", ()),
        checks_dirs=[Path(folder) for folder in options.get("checks_dir", ())],
        timeout_s=deadline.remaining("the checks"),
        strict=order.strict or bool(options.get("strict")),
        options=_options(configuration, order),
        registry_insecure=insecure,
        allow=tuple(Allowance.read(text) for text in order.allow),
        missing=_missing(order, first=first),
    )
    report = run_session(request, NobodyWatches())
    interrupts.raise_received()
    pins, compose = find_pins(configuration, environ)
    silent = _silent_registries(order, report, pins, lambda: _registry(environ, insecure), deadline)
    decided = _decide(report, silent, strict=request.strict)
    past = () if has_token(configuration, environ) else _by_the_past(decided)
    left_out, only = tuple(options.get("skip", ())), () if order.only else _only(options)
    return replace(decided, pins=pins, compose=compose, left_out=left_out, past=past, first=first, only=only)


def _only(options: Mapping[str, Any]) -> tuple[str, ...]:
    return (*options.get("only", ()), *(f"tag {tag}" for tag in options.get("tag", ())))


def _by_the_past(decided: Judged) -> tuple[str, ...]:
    """Return what blocks, as ID/CODE, because of settings that may have been changed since they were last seen."""
    by_settings = {result.about.id for result in decided.report.results if Need.DEPLOYMENT in result.about.needs}
    return tuple(
        dict.fromkeys(
            f"{check}/{finding.code}"
            for check, finding in decided.blocking
            if finding.status is Status.FAIL and check in by_settings
        )
    )


def _registry(environ: Mapping[str, str], insecure: Iterable[str]) -> "Registry":
    from preflight.registry.door import Registry

    return Registry(environ, insecure=frozenset(insecure))


def _options(configuration: Configuration, order: Order) -> Options:
    deep = bool(configuration.options.get("deep"))
    git = bool(configuration.options.get("git", True))
    return Options(deep=deep, trust_root=configuration.trust_root, branch=order.branch, git=git)


def _host() -> str:
    import os

    return os.uname().nodename


def _missing(order: Order, *, first: bool) -> dict[Need, str]:
    """Return what cannot be asked before this rollout, with the reason."""
    missing = {}
    if order.checkout is not None or order.commit:
        missing[Need.BRANCH] = "not compared with the branch: a given commit is deployed"
    if first:
        missing[Need.DEPLOYMENT] = "nothing was deployed yet"
    return missing


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


def _by_silence(about: About, finding: Finding, silent: Collection[str]) -> bool:
    """Whether a check could not look only because a registry is silent, and the operator lets that through."""
    if finding.status is not Status.ERROR or Need.NETWORK not in about.needs:
        return False
    words = f"{finding.message} {finding.hint}"
    return any(host in words for host in silent)


def _findings(report: Report) -> list[tuple[About, Finding]]:
    return [(result.about, finding) for result in report.results for finding in result.findings]


def _decide(report: Report, silent: Collection[str], *, strict: bool) -> Judged:
    blocking: list[tuple[str, Finding]] = []
    excused: list[Excused] = []
    counting: list[CheckResult] = []
    for result in report.results:
        kept = []
        for finding in result.findings:
            if _by_silence(result.about, finding, silent):
                excused.append(Excused(result.about.id, finding, "--allow-unreachable-registry"))
                continue
            if finding.allowed:
                told = replace(finding, message=finding.message.partition(" (let through by ")[0])
                excused.append(Excused(result.about.id, told, "--allow"))
            kept.append(finding)
            blocking += [(result.about.id, finding)] if blocks(finding, strict=strict) else []
        counting.append(replace(result, findings=tuple(kept)))
    waived = {f"{about.id}/{finding.code}" for about, finding in _findings(report) if finding.waived is not None}
    code = exit_code(counting, strict=strict)
    ranked = sorted(blocking, key=lambda pair: (pair[1].status.rank, bool(pair[1].caused_by)))
    return Judged(report, tuple(ranked), tuple(excused), tuple(sorted(waived)), code)
