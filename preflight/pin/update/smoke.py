"""Whether an image runs at all: one command of it, on this host's engine, before anybody is sent it."""

import shlex
import time
import uuid
from collections.abc import Callable

from preflight.context import Context
from preflight.engine.smoke_container import MEMORY, SmokeResult, SmokeTest, TookTooLong
from preflight.lib.deadline import Deadline
from preflight.lib.durations import words
from preflight.lib.reference import short_reference
from preflight.lib.text import printable
from preflight.pin.refusal import Refused
from preflight.pin.update.plan import UpdatePlan

SECONDS = 60.0
"""How long the command may take."""
_PULL_S = 600.0
_MOST_LINES = 40
_KILLED = 137


def smoke(ctx: Context, plan: UpdatePlan, argv: tuple[str, ...], tell: Callable[[str], object]) -> None:
    """Run a command of each image that is to be pinned; its output is shown only where it fails.

    Args:
        ctx: For the engine.
        plan: Names the images.
        argv: Arguments for the image's entrypoint.
        tell: Gets a line for each image.

    Raises:
        Refused: The command fails, or does not end in time.
        CouldNotLook: The engine cannot be asked, or cannot pull the image.
    """
    images = dict.fromkeys(f"{each.pinned.image.name}@{each.source.digest}" for each in plan.pins if not each.is_there)
    shown = printable(shlex.join(argv), 120)
    for image in images:
        name = f"preflight-smoke-{uuid.uuid4().hex[:12]}"
        began = time.monotonic()
        try:
            result = ctx.doors.engine.smoke(SmokeTest(name, image, argv, SECONDS), Deadline.after(_PULL_S))
        except TookTooLong as error:
            raise Refused(
                f"the smoke test `{shown}` did not end within {words(SECONDS)}",
                f"Try it: docker run --rm --network none --read-only --tmpfs /tmp {image} {shown}",
            ) from error
        if result.exit_code != 0:
            raise _failed(result, shown, image)
        tell(f"smoke:     `{shown}` in {short_reference(image)} ended well after {words(time.monotonic() - began)}")


def _failed(result: SmokeResult, shown: str, image: str) -> Refused:
    why = f" (killed: perhaps it needs more than {MEMORY >> 20} MiB)" if result.exit_code == _KILLED else ""
    lines = [printable(line, 200) for line in result.output.decode("utf-8", "replace").splitlines()]
    return Refused(
        f"the smoke test `{shown}` ended with exit code {result.exit_code}{why}",
        f"Try it: docker run --rm --network none --read-only --tmpfs /tmp {image} {shown}",
        tuple(line for line in lines if line)[-_MOST_LINES:],
    )
