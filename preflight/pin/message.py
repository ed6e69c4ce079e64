"""The message of a commit that changes a pin."""

from collections.abc import Sequence

from preflight.coolify.judge.redeploy import MARKERS

DEFAULT_MESSAGE = "Pin {digest} for {release} [skip actions]"
"""GitHub Actions skips a push with `[skip actions]`; Coolify does not know that marker, and deploys."""


def commit_message(template: str, release: str, images: Sequence[tuple[str, str]]) -> str:
    """Return the message of one commit.

    Args:
        template: ``pins: [{message: …}]``, with `{release}` and `{digest}`; empty: ``DEFAULT_MESSAGE``.
        release: The version that is pinned.
        images: Each variable, and the image that it gets. Several are listed below the message.
    """
    digests = ", ".join(dict.fromkeys(image.rpartition("@")[2] for _, image in images))
    text = (template or DEFAULT_MESSAGE).replace("{release}", release).replace("{digest}", digests)
    if len(images) == 1:
        return text
    return "\n".join((text, "", *(f"{variable}: {image}" for variable, image in dict.fromkeys(images))))


def skips_deployment(message: str) -> str:
    """Return the marker in a message that makes Coolify ignore the push (4.1.0 and later); empty without one."""
    return next((marker for marker in MARKERS if marker in message.lower()), "")
