"""A host with a past: a report of twenty checks, and the runs of the days before it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

from preflight.check import could_not_look, not_looked_at, passed, skipped
from preflight.model import CheckResult, Failure, Finding, Location, Stage, Status, Subject, Waiver
from preflight.report import Change, JudgedProject, Past, PastCheck, PastRun, PinState, Report
from tests.fakes.checks import about
from tests.fakes.reports import DIGEST

NOW = datetime(2026, 11, 29, 2, 55, 4, tzinfo=UTC)
EVERY = timedelta(minutes=5)
STALE = Failure("stale", "A container runs another image than the pin names.", "Deploy again.")
DRIFT = Failure("behind-branch", "The checkout is behind the branch.", "git pull")
MOVED = Failure("tag-moved", "A tag names another image than the pin.", "Pin again.")
WAIVER = Waiver(
    "image-provenance",
    "tag-moved",
    date(2026, 12, 4),
    "the vendor tags again on every rebuild",
    location=Location("preflight.yaml", 31),
)
PINS = (
    PinState("APP_IMAGE", "app", "docker/agent-image-pin.env", DIGEST, "1.4.2", Status.PASS),
    PinState("WORKER_IMAGE", "worker", "docker/worker-image-pin.env", "sha256:" + "b7" * 32, "2.0.0", Status.PASS),
)
PROJECT = JudgedProject(
    project="/srv/hephaestus",
    commit="9b459b300c1f2a77d05e6f0f3b8a1d9c2e4f6071",
    dirty=True,
    compose_files=("docker/compose.app.yaml", "docker/compose.proxy.yaml"),
    unread=("docker/compose.override.yml",),
    pins=PINS,
)
_PASSING = (
    "approved-rollout",
    "compose-version",
    "coolify-compose-version",
    "coolify-env-file",
    "coolify-mode",
    "coolify-redeploy",
    "env-file-syntax",
    "env-shadowing",
    "ghcr-tag-retention",
    "image-pullable",
    "image-signature",
    "pin-file",
    "setup",
)


def _results() -> tuple[CheckResult, ...]:
    moved = Finding(
        Status.WARN,
        f"waived until {WAIVER.until} ({WAIVER.reason}): 1.4.2 names another image in the registry than the pin",
        "Pin the image again: preflight pin update 1.4.2",
        failure=MOVED,
        subject=Subject("release", "1.4.2"),
        waived=WAIVER,
    )
    stale = Finding(
        Status.FAIL,
        "container hephaestus-app-1 runs ghcr.io/acme/agent@sha256:0d1e2f3a4b5c, not what `APP_IMAGE` pins",
        "Recreate it: `docker compose -f docker/compose.app.yaml up -d --force-recreate app`.",
        {"running": f"ghcr.io/acme/agent@sha256:{'0d' * 32}", "pinned": f"ghcr.io/acme/agent@{DIGEST}", "restarts": 4},
        Location("docker/agent-image-pin.env", 3),
        STALE,
        Subject("container", "hephaestus-app-1"),
    )
    silent = could_not_look(
        "ghcr.io did not answer within 10 s",
        Subject("image", "ghcr.io/acme/agent"),
        hint="Look at https://status.github.com.",
    )
    behind = Finding(
        Status.WARN,
        "the checkout is 2 commits behind origin/main",
        "`git pull --ff-only`",
        failure=DRIFT,
        location=Location("docker/agent-image-pin.env", 3),
        subject=Subject("variable", "APP_IMAGE"),
    )
    results = [
        CheckResult(
            about("running-image"), (stale, passed("container hephaestus-worker-1 runs what the pin names")), 0.21
        ),
        CheckResult(about("pin-freshness"), (behind,), 0.05),
        CheckResult(about("image-provenance"), (moved,), 0.9),
        CheckResult(about("ghcr-tag-retention-digests"), (silent,), 10.0),
        CheckResult(
            about("image-pull-later"), (replace(silent, caused_by="ghcr-tag-retention-digests/could-not-look"),), 0.0
        ),
        CheckResult(about("coolify-ui-shadowing"), (skipped("no Coolify here: no container is labelled so"),), 0.01),
        CheckResult(
            about("coolify-image-cleanup"), (not_looked_at("no token is configured", hint="Set `token_file`."),), 0.0
        ),
    ]
    results += [CheckResult(about(name), (passed(f"{name} has looked and all is well"),), 0.125) for name in _PASSING]
    return tuple(results)


def past_runs(
    results: Sequence[CheckResult], count: int, bad: Mapping[str, Sequence[tuple[int, int, Status]]]
) -> tuple[PastRun, ...]:
    """Return earlier runs, five minutes apart, the newest five minutes before ``NOW``.

    Args:
        results: Of the present run: which checks there are, and how long they take.
        count: How many runs.
        bad: By check: from how many runs ago until how many runs ago it had which status; it passed at other times.
    """
    runs = []
    for ago in range(count, 0, -1):
        checks = {
            result.about.id: _seen(
                _status(result, ago, bad.get(result.about.id, ())), result.duration_s * (1 + (ago * 7 % 11) / 20)
            )
            for result in results
        }
        seen = {check.status for check in checks.values()}
        code = 1 if Status.FAIL in seen else 3 if Status.ERROR in seen else 0
        runs.append(PastRun(count - ago + 1, NOW - ago * EVERY, 1.5 + (ago * 5 % 7) / 10, code, checks))
    return tuple(runs)


_seen = cache(PastCheck)
"""The same value again: a thousand runs of twenty checks are made in no time."""


def _status(result: CheckResult, ago: int, bad: Sequence[tuple[int, int, Status]]) -> Status:
    told = next((status for first, last, status in bad if first >= ago >= last), None)
    return told or (Status.SKIP if result.status is Status.SKIP else Status.PASS)


_RESULTS = _results()
_BAD = {
    "running-image": ((13, 1, Status.FAIL), (61, 58, Status.FAIL)),
    "ghcr-tag-retention-digests": ((2, 1, Status.ERROR), (40, 40, Status.ERROR), (33, 31, Status.ERROR)),
    "image-pull-later": ((2, 1, Status.ERROR),),
    "pin-freshness": ((30, 1, Status.WARN),),
    "image-provenance": ((900, 1, Status.WARN),),
}
_CHANGES = (
    Change(
        NOW - 2 * EVERY,
        "ghcr-tag-retention-digests",
        "could-not-look",
        "image ghcr.io/acme/agent",
        None,
        Status.ERROR,
        8400.0,
    ),
    Change(NOW - 13 * EVERY, "running-image", "stale", "container hephaestus-app-1", None, Status.FAIL, 13200.0),
    Change(NOW - 30 * EVERY, "pin-freshness", "behind-branch", "variable APP_IMAGE", None, Status.WARN, None),
    Change(NOW - 57 * EVERY, "running-image", "stale", "container hephaestus-app-1", Status.FAIL, None, 1200.0),
    Change(NOW - 61 * EVERY, "running-image", "stale", "container hephaestus-app-1", None, Status.FAIL, 345600.0),
)

FAILING = Report(
    "1.2.3",
    "deploy-host-07",
    NOW,
    10.42,
    _RESULTS,
    1,
    stage=Stage.AFTER,
    judged=PROJECT,
    limits=("2 checks left out by preflight.yaml:7", "1 waiver in preflight.yaml"),
    past=Past(past_runs(_RESULTS, 1000, _BAD), _CHANGES),
)
"""One check fails, one cannot look and blinds another, two warn, one of them under a waiver."""

_WELL = tuple(result for result in _RESULTS if result.status in (Status.PASS, Status.SKIP))
HEALTHY = replace(
    FAILING,
    results=_WELL,
    exit_code=0,
    limits=(),
    judged=replace(PROJECT, dirty=False, unread=()),
    past=Past(past_runs(_WELL, 89, {}), ()),
)
"""All is well, and always was."""
