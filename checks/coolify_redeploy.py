"""A push of the pin that Coolify ignores changes nothing in production."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from preflight import (
    About,
    Area,
    Check,
    Context,
    CouldNotLook,
    DoesNotApply,
    Failure,
    Finding,
    Need,
    NoSettings,
    Status,
    Subject,
    could_not_look,
    passed,
    skipped,
)
from preflight.coolify.judge.redeploy import look_at_redeploy
from preflight.lib.text import printable

if TYPE_CHECKING:
    from preflight.coolify.judge.redeploy import Redeploy

_SHORT = 9
_BY_HAND = "Deploy it in Coolify by hand, or let the release job call Coolify's deploy webhook"

MARKER = Failure(
    "skip-marker",
    "Every commit since the last deployment has [skip ci] or [skip cd] in its message, so Coolify ignores the push.",
    f"{_BY_HAND}. Or write [skip actions] in place of the marker: GitHub skips its workflows, Coolify ignores it.",
    before=Status.WARN,
    deploy_fixes=True,
)
SWITCHED_OFF = Failure(
    "auto-deploy-off",
    "Auto deploy is off in Coolify, so a push deploys nothing.",
    f'{_BY_HAND}. Or set Auto deploy to "Deploy on push" (Configuration > Advanced).',
    before=Status.WARN,
    deploy_fixes=True,
)
UNWATCHED = Failure(
    "watch-paths",
    "No file that changed is in Coolify's Watch paths, so it ignores the push.",
    f"Add the pin file to Watch paths (Configuration > General). {_BY_HAND} until then.",
    before=Status.WARN,
    deploy_fixes=True,
)


class CoolifyRedeploy(Check[NoSettings]):
    """What keeps a pushed pin from being deployed: markers in commit messages, a switch, a list of paths."""

    about = About(
        id="coolify-redeploy",
        title="Pushing the pin makes Coolify deploy it",
        area=Area.COOLIFY,
        tags=frozenset({"coolify", "git", "runtime"}),
        needs=frozenset({Need.PIN, Need.ENGINE, Need.GIT, Need.DEPLOYMENT}),
        asks=(
            "Do the commits since the last deployment make Coolify deploy the pin? Their messages are read as this "
            "version of Coolify reads them and, with a token for its API, so are Auto deploy and Watch paths. Whether "
            "the git host tells Coolify of a push at all is not seen."
        ),
        why=(
            "Since Coolify 4.1.0 a push is ignored if every commit in it has [skip ci] or [skip cd] in its message. A "
            "release job that writes such a marker to stop its own workflow stops the rollout too, and the subject of "
            "`git revert` repeats the marker, so the rollback is ignored as well. Nothing tells of it."
        ),
        failures=(MARKER, SWITCHED_OFF, UNWATCHED),
    )

    def run(self, ctx: Context) -> Iterator[Finding]:
        """Judge each pin; what holds for several pins of one service is said once."""
        said: list[Finding] = []
        for pin in ctx.pins:
            try:
                findings = [*self._judge(ctx, look_at_redeploy(ctx, pin))]
            except DoesNotApply as reason:
                findings = [skipped(reason.message, hint=reason.hint)]
            except CouldNotLook as problem:
                findings = [could_not_look(problem.message, None, problem.need, hint=problem.hint)]
            new = [each for each in findings if each not in said]
            said += new
            yield from new

    def _judge(self, ctx: Context, found: "Redeploy") -> Iterator[Finding]:
        service, subject = printable(found.pin.service, 60), Subject("service", found.pin.service)
        commits, api_asked = len(found.push.commits), found.api_asked

        def wrong(failure: Failure, message: str) -> Finding:
            at = ctx.at(found.pin.file)
            words = f"{service}: {message}"
            return ctx.found(failure, words, subject, at=at, commit=found.commit.hash, commits=commits, api=api_asked)

        def right(message: str) -> Finding:
            return passed(message, subject, commit=found.commit.hash, commits=commits, api=api_asked)

        if found.is_deployed:
            yield right(f"{service} runs with what {ctx.show(found.pin.file)} says: nothing has to be deployed")
            return
        if found.markers:
            yield wrong(MARKER, f"Coolify ignores the push of {_pushed(found)}: {' and '.join(found.markers)}")
        if found.is_switched_off:
            yield wrong(SWITCHED_OFF, "Auto deploy is off in Coolify")
        if found.is_unwatched:
            yield wrong(UNWATCHED, f"Coolify ignores the push of {_pushed(found)}: no file in it is in Watch paths")
        if found.problem is not None:
            message = f"{service}: Auto deploy and Watch paths are not known: {found.problem.message}"
            yield could_not_look(message, subject, found.problem.need, hint=found.problem.hint)
        elif not (found.markers or found.is_switched_off or found.is_unwatched):
            unasked = "" if api_asked else " (its API was not asked for Auto deploy and Watch paths)"
            yield right(f"{service}: nothing keeps Coolify from deploying {_pushed(found)}{unasked}")


def _pushed(found: "Redeploy") -> str:
    """Name the commit that set the pin, and how many are pushed with it."""
    commit, others = found.commit.hash[:_SHORT], len(found.push.commits) - 1
    return f"commit {commit} and {others} more" if others else f"commit {commit}"
