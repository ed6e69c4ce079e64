"""Which findings only follow from another of the same run, and which remedies must wait."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from preflight.model import CheckResult, Finding, Need, Status
from preflight.run.verdict import blocks

WAIT = "Fix the other failures first; the next deployment fixes this one."


def trace_causes(results: Sequence[CheckResult]) -> tuple[CheckResult, ...]:
    """Return the results, with each error that only follows from another finding pointing to that one.

    An error follows from a failure that declares to explain it (``Failure.explains``), and from an earlier error with
    the same words. A failure follows from one that it names (``Failure.follows``), if both are about the same digest.
    Results stand in the order of cause and effect.
    """
    explained, gone = dict(_explained(results)), frozenset(_by_digest(results))
    first_with: dict[tuple[str, str], str] = {}
    traced = []
    for result in results:
        findings = []
        for finding in result.findings:
            name = f"{result.about.id}/{finding.code}"
            cause = explained.get(finding.need, "") if finding.need is not None else ""
            if finding.status is Status.ERROR and not cause:
                cause = first_with.setdefault((finding.message, finding.hint), name)
            points = finding.status is Status.ERROR and cause != name
            if root := _followed(finding, gone):
                findings.append(replace(finding, caused_by=root, hint=f"Fix {root}; this follows from it."))
                continue
            findings.append(replace(finding, caused_by=cause) if points else finding)
        traced.append(replace(result, findings=tuple(findings)))
    return tuple(traced)


def _followed(finding: Finding, gone: frozenset[tuple[str, str]]) -> str:
    """Return the failure that another failure only follows from; "" where it stands for itself."""
    if finding.failure is None or finding.status is not Status.FAIL:
        return ""
    named = sorted(finding.failure.follows)
    return next((name for name in named if (name, _digest(finding)) in gone), "")


def _by_digest(results: Sequence[CheckResult]) -> Iterator[tuple[str, str]]:
    for result in results:
        for finding in result.findings:
            if finding.status is Status.FAIL and (digest := _digest(finding)):
                yield f"{result.about.id}/{finding.code}", digest


def _digest(finding: Finding) -> str:
    """Return the digest that a finding is about, by its evidence."""
    digest = finding.evidence.get("digest") or str(finding.evidence.get("image", "")).partition("@")[2]
    return str(digest)


def _explained(results: Sequence[CheckResult]) -> Iterator[tuple[Need, str]]:
    for result in reversed(results):  # the first one wins in a dict
        for finding in result.findings:
            if finding.failure is not None and finding.status in (Status.FAIL, Status.ERROR):
                yield from ((need, f"{result.about.id}/{finding.code}") for need in finding.failure.explains)


def withhold_deployments(results: Sequence[CheckResult], *, strict: bool) -> tuple[CheckResult, ...]:
    """Return the results with no remedy that says deploy, while anything blocks that a deployment does not fix."""
    findings = [finding for result in results for finding in result.findings]
    if not any(blocks(finding, strict=strict) and not _deploys(finding) for finding in findings):
        return tuple(results)
    return tuple(
        replace(
            result,
            findings=tuple(
                replace(each, hint=WAIT) if _deploys(each) and each.hint else each for each in result.findings
            ),
        )
        for result in results
    )


def _deploys(finding: Finding) -> bool:
    return finding.failure is not None and finding.failure.deploy_fixes
