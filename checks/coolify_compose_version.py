"""In default mode Coolify deploys with the Compose inside its helper image, whatever this host has."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from preflight import About, Area, Check, Context, Finding, Json, Need, could_not_look, failed, passed, skipped
from preflight.coolify.judge.helper import HelperPart, ask_helpers, who_deploys
from preflight.lib.records import frozen
from preflight.lib.text import plural
from preflight.lib.versions import parse_version

if TYPE_CHECKING:
    from preflight.coolify.judge.helper import Deploying, HelperCompose

_IMAGE = "coollabsio/coolify-helper"
_UPDATE = "Update Coolify (its helper comes with it) and deploy anything once, so that the new helper is pulled."


@frozen
class Settings:
    """Settings of `coolify-compose-version`.

    Args:
        minimum: The oldest version that passes.
    """

    minimum: str = "2.24.0"

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
        failures=(
            ("The helper's Compose is older than the minimum, or a pre-release of it.", _UPDATE),
            (
                "No helper image is on this host (cannot look).",
                "Deploy anything once in Coolify, which pulls it; then run preflight again.",
            ),
            (
                "The helper does not answer, or not with a version (cannot look).",
                "docker run --rm --network none --pull never HELPER-IMAGE docker compose version, and look.",
            ),
            (
                "Nothing tells in which mode Coolify deploys: the helper is judged as if it counted.",
                "See coolify-mode.",
            ),
        ),
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
            yield _none(concerned)
        for answer in answers:
            yield self._compare(concerned, answer)

    def _compare(self, concerned: "list[Deploying]", answer: "HelperCompose") -> Finding:
        what = _what(concerned)
        evidence: dict[str, Json] = {"answer": answer.answer, "image": answer.name}
        if concerned[0].problem is not None:
            evidence["mode_unknown"] = concerned[0].problem.message
        if answer.version is None:
            return could_not_look(
                f"{what} helper {answer.tag}, whose Compose is not known: {answer.problem}",
                hint=f"Ask it yourself: {answer.by_hand}",
                at=None,
                **evidence,
            )
        minimum = parse_version(self.settings.minimum)
        compose = f"{what} helper {answer.tag}: Compose {answer.version.text}"
        if answer.version.at_least(minimum):
            return passed(f"{compose}, at least {minimum}", at=None, **evidence)
        same = answer.version.number == minimum.number
        return failed(
            f"{compose}, {'a pre-release of' if same else 'older than'} {minimum}",
            hint=f"{_UPDATE} This host's own Compose does not help there.",
            at=None,
            **evidence,
        )


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


def _none(concerned: "list[Deploying]") -> Finding:
    hint = "Deploy anything once in Coolify, which pulls it; then run preflight again."
    if concerned[0].part is HelperPart.BUILD:
        return skipped(
            f"{_services(concerned)}: `up` runs with this host's Compose (compose-version); no helper image is here",
            hint=hint,
        )
    return could_not_look(f"{_what(concerned)} helper, but no image {_IMAGE} is on this host", hint=hint)


def _not_asked(each: "Deploying") -> Finding:
    if each.outside is not None:
        return skipped(each.outside.message, hint=each.outside.hint)
    return skipped(
        f"{each.service}: `up` runs with this host's Compose ({each.situation}): see compose-version",
        hint="Nothing to do here.",
    )
