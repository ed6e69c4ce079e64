"""Coolify cleans up every night, and a pinned image that nothing holds is gone in the morning."""

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from preflight import (
    About,
    Area,
    Check,
    Context,
    CouldNotLook,
    Finding,
    Json,
    Location,
    Need,
    could_not_look,
    failed,
    passed,
    warned,
)
from preflight.coolify.judge.cleanup import CleanupRules, look_at_kept_image
from preflight.lib.records import frozen
from preflight.lib.text import printable
from preflight.pins.image import read_pinned_images
from preflight.signed.verdicts import short_name

if TYPE_CHECKING:
    from preflight.coolify.judge.cleanup import KeptImage

_SHOWN = 8
_HOLD = "Hold it with a container that is never started: {command} (then `docker rm` the last pin's)."
_FREE = "docker rmi {names} (what uses it by that name has to pull it again); then the container keeps this name too."


@frozen
class Settings:
    """Settings of `coolify-image-cleanup`.

    Args:
        nightly: Whether Coolify cleans this server up every night, as it does unless told otherwise; false makes what
            the clean-up would delete a warning.
    """

    nightly: bool = True


class CoolifyImageCleanup(Check[Settings]):
    """The pinned image is on this host, and still is tomorrow."""

    about = About(
        id="coolify-image-cleanup",
        title="The pinned image is on this host and survives Coolify's nightly clean-up",
        area=Area.HOST,
        tags=frozenset({"coolify", "host", "image"}),
        needs=frozenset({Need.PIN, Need.ENGINE, Need.DEPLOYMENT}),
        asks=(
            "Does the engine have the pinned image under the very reference that its user asks for, and does something "
            "keep it from Coolify's nightly clean-up: a container made from it, or a tag and the label "
            "coolify.managed=true? The image store, tags, labels and containers are looked at; nothing is changed."
        ),
        why=(
            "Coolify runs `docker image prune -f` every night, and removes tags of images that are not its own. An "
            "image pulled by digest has no tag, and one that only starts sandboxes has no container most of the time: "
            "it is deleted, and nobody notices until it is needed and cannot be pulled."
        ),
        failures=(
            ("The image is not on this host.", "docker create --name HOLDER IMAGE keep: pulls it, and holds it."),
            ("It is here, but under another name only.", "docker pull NAME@DIGEST, as its user asks for it."),
            (
                "It has no tag and no container: the clean-up deletes it (classic image store).",
                "docker create --name HOLDER IMAGE keep; a container that is never started holds it.",
            ),
            (
                "It has a tag but not the label coolify.managed=true, and no container: the clean-up deletes it.",
                "Hold it with a container, or build it with LABEL coolify.managed=true (which changes its digest).",
            ),
            (
                "Only a container that may go any moment holds it, such as a running sandbox (warning).",
                "Hold it with a container that is never started.",
            ),
            (
                "A container holds it, but it has names of several repositories: the clean-up may take this one away.",
                "docker rmi the names of the other repositories; then the container keeps this one too.",
            ),
            ("Only containerd's image store keeps it (warning).", "Hold it with a container."),
            ("An older Coolify would delete it, and which one is here is not known (warning).", "Hold it."),
            ("The clean-up would delete it, but the settings say that it is off (warning).", "Hold it."),
        ),
    )
    settings_type = Settings

    def run(self, ctx: Context) -> Iterator[Finding]:
        """Judge the image of each pin; one that two pins name is judged once."""
        images = read_pinned_images(ctx)
        yield from images.problems
        for each in images.once_each:
            try:
                kept = look_at_kept_image(ctx, each.image)
            except CouldNotLook as problem:
                yield could_not_look(f"{short_name(each.image)}: {problem.message}", hint=problem.hint, at=each.at)
            else:
                yield _CleanupFinding(short_name(each.image), kept, each.at).finding(nightly=self.settings.nightly)


class _CleanupFinding:
    """Says what was seen of one image."""

    def __init__(self, name: str, kept: "KeptImage", at: Location) -> None:
        self.name, self.kept, self.at = name, kept, at

    def finding(self, *, nightly: bool) -> Finding:
        """Say whether it is here and stays."""
        if self.kept.image is None:
            return self._absent()
        if self.kept.holders and self.kept.unnamed:
            return self._unnamed(nightly=nightly)
        if self.kept.held:
            return self._passed(f"is here, held by container {self._holder()}")
        if self.kept.holders:
            return self._warned(f"is held only by container {self._holder()}, which may be gone any moment")
        if CleanupRules.PRESENT in self.kept.doomed:
            return self._deleted(nightly=nightly)
        return self._kept_by_rules()

    def _absent(self) -> Finding:
        if self.kept.elsewhere:
            return failed(
                f"{self.name} is here, but only as {printable(self.kept.elsewhere[0], 60)}",
                hint=f"docker pull {self.kept.reference}: who asks for it by that name has to pull it first.",
                at=self.at,
                names=list(self.kept.elsewhere[:_SHOWN]),
            )
        return failed(f"{self.name} is not on this host", hint=f"Pull it and hold it: {self._command()}", at=self.at)

    def _deleted(self, *, nightly: bool) -> Finding:
        tagged = bool(self.kept.image and self.kept.image.tags)
        why = "unlabelled tag" if tagged else "no tag"
        if nightly:
            return failed(
                f"{self.name}: Coolify's nightly clean-up deletes it ({why}, no container)",
                hint=self._hold(),
                at=self.at,
                **self._evidence(),
            )
        return self._warned(f"would be deleted by Coolify's clean-up ({why}, no container), were it on")

    def _unnamed(self, *, nightly: bool) -> Finding:
        kept = self.kept
        other = printable(kept.others[0], 60)
        said = f"{self.name} is held by container {self._holder()}, but being named {other} as well, may lose this name"
        hint = _FREE.format(names=" ".join(shlex.quote(printable(each)) for each in kept.others))
        if CleanupRules.PRESENT in kept.unnamed and nightly:
            return failed(f"{said} to Coolify's nightly clean-up", hint=hint, at=self.at, **self._evidence())
        by = "Coolify's clean-up, were it on" if CleanupRules.PRESENT in kept.unnamed else "an older Coolify"
        return warned(f"{said} to {by}", hint=hint, at=self.at, **self._evidence())

    def _kept_by_rules(self) -> Finding:
        if self.kept.image and not self.kept.image.tags:
            return self._warned("is kept by the containerd image store alone: no tag, no container")
        if self.kept.doomed:
            return self._warned(f"has tag and label, but Coolify {self.kept.doomed[-1].value} deletes it all the same")
        return self._passed("is here, with a tag and the label coolify.managed=true")

    def _holder(self) -> str:
        first = self.kept.holders[0]
        state = "never started" if first.state == "created" else first.state
        return f"{printable(first.name, 60)} ({printable(state, 20)})"

    def _passed(self, what: str) -> Finding:
        return passed(f"{self.name} {what}", at=self.at, **self._evidence())

    def _warned(self, what: str) -> Finding:
        return warned(f"{self.name} {what}", hint=self._hold(), at=self.at, **self._evidence())

    def _hold(self) -> str:
        return _HOLD.format(command=self._command())

    def _command(self) -> str:
        digest = self.kept.reference.rpartition(":")[2]
        return f"docker create --name keep-{digest[:12]} --network none {self.kept.reference} keep"

    def _evidence(self) -> dict[str, Json]:
        image = self.kept.image
        return {
            "store": self.kept.store.value,
            "tags": [printable(tag) for tag in (image.tags if image else ())[:_SHOWN]],
            "containers": {printable(each.name): printable(each.state) for each in self.kept.holders[:_SHOWN]},
        }
