"""What an operator asks for who pins a release."""

from dataclasses import field

from preflight.lib.records import frozen
from preflight.pin.update.source import Patience
from preflight.releases.names import Release


@frozen
class Order:
    """The release, and how to get there.

    Args:
        release: To pin.
        source: The tag that the image is taken from; empty: that of the release.
        retag: Put the image under the release's own tag, where it is not yet.
        move_tag: Whether that tag may be another image so far.
        allow_older: The release may be older than what is pinned.
        again: Whether it may be one that was rolled back from.
        patience: How to wait for the source.
    """

    release: Release
    source: str = ""
    retag: bool = False
    move_tag: bool = False
    allow_older: bool = False
    again: bool = False
    patience: Patience = field(default_factory=Patience)

    @property
    def own_tags(self) -> tuple[str, ...]:
        """The tags of the release itself, with and without a leading v."""
        return self.release.name, f"v{self.release.name}"
