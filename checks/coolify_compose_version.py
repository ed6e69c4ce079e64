"""In default mode Coolify deploys with the Compose inside its helper image, whatever this host has."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from preflight import (
    About,
    Area,
    Check,
    Context,
    Failure,
    Finding,
    Json,
    Need,
    Status,
    Subject,
    passed,
    setting,
    skipped,
)
from preflight.coolify.judge.helper import HelperPart, ask_helpers, who_deploys
from preflight.lib.records import frozen
from preflight.lib.text import plural
from preflight.lib.versions import parse_version

if TYPE_CHECKING:
    from preflight.coolify.judge.helper import Deploying, HelperCompose

_IMAGE = "coollabsio/coolify-helper"
_PULL = f"docker pull ghcr.io/{_IMAGE}:VERSION, the `helper_version` of your Coolify"

TOO_OLD = Failure(
    "too-old",
    "The helper's Compose is older than the minimum, or a pre-release of it.",
    f"Update Coolify, then pull its new helper: {_PULL}.",
)
NO_HELPER = Failure(
    "no-helper",
    "Coolify deploys with its helper image, and this host has none to ask.",
    f"Pull it: {_PULL}; then run preflight again.",
    Status.ERROR,
    Status.ERROR,
    waivable=False,
)
NO_VERSION = Failure(
    "no-version",
    "The helper does not answer, or not with a version.",
    "Ask it: docker run --rm --network none --pull never HELPER-IMAGE docker compose version",
    Status.ERROR,
    Status.ERROR,
    waivable=False,
)


@frozen
class Settings:
    """Settings of `coolify-compose-version`."""

    minimum: str = setting("2.24.0", "The oldest version that passes.")

    def __post_init__(self) -> None:
        try:
            parse_version(self.minimum)
        except ValueError as error:
            raise ValueError(f"minimum: {error}") from error


class CoolifyComposeVersion(Check[Settings]):
    """The Compose in Coolify's helper, where that one deploys or builds."""

    about = About(
        id="coolify-compose-version",
        title="The Compose in Coolify's helper is new enough, where that one deploys",
        area=Area.COOLIFY,
        tags=frozenset({"compose", "coolify", "host"}),
        needs=frozenset({Need.PIN, Need.ENGINE, Need.DEPLOYMENT}),
        asks=(
            "Does Coolify run `up` for this service in its helper image (default mode) or build there (raw mode), and "
            "is the Compose inside that image 2.24.0 or newer? The image is asked itself, in a container without "
            "network that is removed at once; nothing is pulled. What it said is kept, by the "
            "image's id, in ~/.cache/preflight."
        ),
        why=(
            "The long form of env_file arrived in Compose 2.24.0. In default mode the Compose that counts is the one "
            "in Coolify's helper image, not this host's, and the helper stays old until Coolify is updated. Together "
            "with compose-version this is one answer: each says whether its Compose is the one that deploys."
        ),
        failures=(TOO_OLD, NO_HELPER, NO_VERSION),
    )
    settings_type = Settings

    def run(self, ctx: Context) -> Iterator[Finding]:
        """Find out for whom the helper counts, ask it, and judge its answer."""
        deploying = who_deploys(ctx)
        for each in deploying:
            if each.part is HelperPart.NONE:
                yield _not_asked(each)
        for part in (HelperPart.UP, HelperPart.UNKNOWN, HelperPart.BUILD):
            if concerned := [each for each in deploying if each.part is part]:
                yield from self._judge(ctx, concerned)

    def _judge(self, ctx: Context, concerned: "list[Deploying]") -> Iterator[Finding]:
        answers = ask_helpers(ctx)
        if not answers:
            yield _none(ctx, concerned)
        for answer in answers:
            yield self._compare(ctx, concerned, answer)

    def _compare(self, ctx: Context, concerned: "list[Deploying]", answer: "HelperCompose") -> Finding:
        what, subject = _what(concerned), Subject("image", answer.name)
        evidence: dict[str, Json] = {"answer": answer.answer, "image": answer.name}
        if concerned[0].problem is not None:
            evidence["mode_unknown"] = concerned[0].problem.message
        if answer.version is None:
            message = f"{what} helper {answer.tag}, whose Compose is not known: {answer.problem}"
            hint = f"Ask it yourself: {answer.by_hand}"
            return ctx.found(NO_VERSION, message, subject, hint=hint, at=None, **evidence)
        minimum = parse_version(self.settings.minimum)
        compose = f"{what} helper {answer.tag}: Compose {answer.version.text}"
        if answer.version.at_least(minimum):
            return passed(f"{compose}, at least {minimum}", subject, at=None, **evidence)
        because = "a pre-release of" if answer.version.number == minimum.number else "older than"
        hint = f"{TOO_OLD.fix} A newer Compose on this host changes nothing there."
        return ctx.found(TOO_OLD, f"{compose}, {because} {minimum}", subject, hint=hint, at=None, **evidence)


def _services(concerned: "list[Deploying]") -> str:
    return concerned[0].service if len(concerned) == 1 else plural(len(concerned), "service")


def _what(concerned: "list[Deploying]") -> str:
    who = _services(concerned)
    match concerned[0].part:
        case HelperPart.UP:
            return f"{who}: `up` runs in Coolify's"
        case HelperPart.BUILD:
            return f"{who}: Coolify builds in its"
        case _:
            return f"{who}: `up` may run in Coolify's"


def _none(ctx: Context, concerned: "list[Deploying]") -> Finding:
    if concerned[0].part is HelperPart.BUILD:
        return skipped(
            f"{_services(concerned)}: `up` runs with this host's Compose (compose-version); no helper image is here",
            hint=NO_HELPER.fix,
        )
    message = f"{_what(concerned)} helper, but no image {_IMAGE} is on this host"
    return ctx.found(NO_HELPER, message, Subject("image", _IMAGE))


def _not_asked(each: "Deploying") -> Finding:
    subject = Subject("service", each.service)
    if each.outside is not None:
        return skipped(each.outside.message, subject, hint=each.outside.hint)
    return skipped(
        f"{each.service}: `up` runs with this host's Compose ({each.situation}): see compose-version",
        subject,
        hint="Nothing to do here.",
    )
