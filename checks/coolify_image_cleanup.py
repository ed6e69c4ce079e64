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
    Failure,
    Finding,
    Json,
    Location,
    Need,
    Status,
    Subject,
    could_not_look,
    passed,
    setting,
)
from preflight.coolify.judge.cleanup import CleanupRules, demand_coolify, look_at_kept_image
from preflight.lib.records import frozen
from preflight.lib.reference import short_name
from preflight.lib.text import printable
from preflight.pins.image import read_pinned_images

if TYPE_CHECKING:
    from preflight.coolify.judge.cleanup import KeptImage
    from preflight.engine.image_store import LocalImage

_SHOWN = 8

MISSING = Failure(
    "missing",
    "The pinned image is not on this host.",
    "Pull it and hold it with a container that is never started: docker create --name HOLDER IMAGE keep",
    before=Status.WARN,
    settles=True,
)
OTHER_NAME = Failure(
    "other-name",
    "The pinned image is on this host, but under another name than the pin's.",
    "Pull it by the name that the pin has: docker pull NAME@DIGEST",
    before=Status.WARN,
    settles=True,
)
NOT_HELD = Failure(
    "not-held",
    "Coolify's nightly clean-up deletes the image: no container holds it, and no labelled tag keeps it.",
    "Hold it with a container that is never started (docker create --name HOLDER IMAGE keep), or build it with "
    "LABEL coolify.managed=true and give it a tag.",
    before=Status.WARN,
    settles=True,
)
LOSES_NAME = Failure(
    "loses-name",
    "A container holds the image, but Coolify's nightly clean-up may remove the name that the pin has.",
    "Remove the image's names of other repositories (docker rmi NAME); then the container keeps this name too.",
    before=Status.WARN,
)
HELD_BRIEFLY = Failure(
    "held-briefly",
    "Only a container that may end at any moment holds the image, such as a running sandbox.",
    "Hold it with a container that is never started: docker create --name HOLDER IMAGE keep",
    Status.WARN,
    Status.WARN,
)
STORE_ONLY = Failure(
    "store-only",
    "Only containerd's image store keeps the image; the classic store would delete it.",
    "Hold it with a container that is never started: docker create --name HOLDER IMAGE keep",
    Status.WARN,
    Status.WARN,
)
OLDER_COOLIFY = Failure(
    "older-coolify",
    "An older Coolify would delete the image or its name, and nothing tells which version is here.",
    "Hold it with a container that is never started: docker create --name HOLDER IMAGE keep",
    Status.WARN,
    Status.WARN,
)
CLEAN_UP_OFF = Failure(
    "clean-up-off",
    "Coolify's clean-up would delete the image or its name; the settings of this check say that it is off.",
    "Hold it with a container that is never started: docker create --name HOLDER IMAGE keep",
    Status.WARN,
    Status.WARN,
)


@frozen
class Settings:
    """Settings of `coolify-image-cleanup`.

    Args:
        nightly: Whether Coolify cleans this server up every night, as it does unless told otherwise; false makes what
            the clean-up would delete a warning.
    """

    nightly: bool = setting(
        default=True, meaning="Whether Coolify cleans this server up every night, its default; false: that only warns."
    )


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
            MISSING,
            OTHER_NAME,
            NOT_HELD,
            LOSES_NAME,
            HELD_BRIEFLY,
            STORE_ONLY,
            OLDER_COOLIFY,
            CLEAN_UP_OFF,
        ),
    )
    settings_type = Settings

    def run(self, ctx: Context) -> Iterator[Finding]:
        """Judge the image of each pin; one that two pins name is judged once."""
        images = read_pinned_images(ctx)
        if images.problems:  # without a Coolify here there is nothing to say of them
            demand_coolify(ctx)
        yield from images.problems
        for each in images.once_each:
            try:
                kept = look_at_kept_image(ctx, each.image)
            except CouldNotLook as problem:
                subject = Subject("image", short_name(each.image))
                yield could_not_look(
                    f"{short_name(each.image)}: {problem.message}", subject, problem.need, hint=problem.hint, at=each.at
                )
            else:
                yield _CleanupFinding(ctx, short_name(each.image), kept, each.at).finding(nightly=self.settings.nightly)


class _CleanupFinding:
    """Says what was seen of one image."""

    def __init__(self, ctx: Context, name: str, kept: "KeptImage", at: Location) -> None:
        self.ctx, self.name, self.kept, self.at = ctx, name, kept, at

    def finding(self, *, nightly: bool) -> Finding:
        """Say whether it is here and stays."""
        kept = self.kept
        if kept.image is None:
            return self._absent()
        if kept.holders and kept.unnamed:
            return self._loses_name(nightly=nightly)
        if kept.held:
            return self._passed(f"is on this host, held by container {self._holder()}")
        if kept.holders:
            return self._found(HELD_BRIEFLY, f"is held only by container {self._holder()}, which may end at any moment")
        return self._without_container(kept.image, nightly=nightly)

    def _without_container(self, image: "LocalImage", *, nightly: bool) -> Finding:
        kept = self.kept
        if CleanupRules.PRESENT in kept.doomed:
            why = f"{'unlabelled tag' if image.tags else 'no tag'}, no container"
            if nightly:
                return self._found(NOT_HELD, f"will be deleted by Coolify's nightly clean-up ({why})")
            return self._found(CLEAN_UP_OFF, f"would be deleted by Coolify's clean-up if it were on ({why})")
        if not image.tags:
            return self._found(STORE_ONLY, "has no tag and no container: only containerd's image store keeps it")
        if kept.doomed:
            return self._found(
                OLDER_COOLIFY, f"has a tag and the label, but Coolify {kept.doomed[-1].value} deletes it"
            )
        return self._passed("is on this host, with a tag and the label coolify.managed=true")

    def _absent(self) -> Finding:
        reference = self.kept.reference
        if self.kept.elsewhere:
            other = printable(self.kept.elsewhere[0], 60)
            hint = f"Pull it by the pin's name: docker pull {reference}"
            return self._found(OTHER_NAME, f"is on this host, but only as {other}", hint)
        return self._found(MISSING, "is not on this host", f"Pull it and hold it: {self._command()}")

    def _loses_name(self, *, nightly: bool) -> Finding:
        kept = self.kept
        names = " ".join(shlex.quote(printable(each)) for each in kept.others)
        message = f"is held by container {self._holder()}, but is also named {printable(kept.others[0], 60)}: "
        hint = f"docker rmi {names} (whoever uses these names has to pull again); then the container keeps this name."
        if CleanupRules.PRESENT not in kept.unnamed:
            return self._found(OLDER_COOLIFY, f"{message}an older Coolify may remove this name", hint)
        if nightly:
            return self._found(LOSES_NAME, f"{message}Coolify's nightly clean-up may remove this name", hint)
        return self._found(CLEAN_UP_OFF, f"{message}Coolify's clean-up could remove this name if it were on", hint)

    def _holder(self) -> str:
        first = self.kept.holders[0]
        state = "never started" if first.state == "created" else first.state
        return f"{printable(first.name, 60)} ({printable(state, 20)})"

    def _passed(self, what: str) -> Finding:
        return passed(f"{self.name} {what}", Subject("image", self.name), at=self.at, **self._evidence())

    def _found(self, failure: Failure, what: str, hint: str = "") -> Finding:
        hint = hint or f"Hold it with a container that is never started: {self._command()}"
        subject = Subject("image", self.name)
        return self.ctx.found(failure, f"{self.name} {what}", subject, hint=hint, at=self.at, **self._evidence())

    def _command(self) -> str:
        digest = self.kept.reference.rpartition(":")[2]
        return f"docker create --name keep-{digest[:12]} --network none {self.kept.reference} keep"

    def _evidence(self) -> dict[str, Json]:
        if self.kept.image is None:
            return {"names": list[Json](self.kept.elsewhere[:_SHOWN])} if self.kept.elsewhere else {}
        return {
            "store": self.kept.store.value,
            "tags": [printable(tag) for tag in self.kept.image.tags[:_SHOWN]],
            "containers": {printable(each.name): printable(each.state) for each in self.kept.holders[:_SHOWN]},
        }
