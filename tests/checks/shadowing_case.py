"""A project for env-shadowing that is written here, unlike those in ``tests/cases``.

Each says what Compose 2.40.3 gives the variable (``effective``) and what the check must say. All were run with the
real binary; the test runs them again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

DIGEST = "a" * 64
PINNED = f"ghcr.io/acme/agent@sha256:{DIGEST}"
DEV = "ghcr.io/acme/agent:dev"

REFUSED = "(refused)"
NO_SERVICE = "(no such service)"

HEAD = """\
services:
  app:
    image: x
    env_file:
      - path: pin.env
        required: false
      - path: pin.local.env
        required: false
"""


@dataclass(frozen=True)
class Case:
    """One project.

    Args:
        name: Of the case.
        verdict: ``pass``, ``warn`` or ``fail``.
        effective: What the container gets; ``None`` for nothing, ``REFUSED`` or ``NO_SERVICE``.
        files: Path to text; ``pin.env`` holds the pin and ``compose.yaml`` is ``HEAD`` plus ``more`` unless given.
        more: Further lines of ``compose.yaml``.
        args: Before ``config``.
        env: The shell's variables.
        pin: Path of the pin file.
        says: Words that the findings must hold: culprit, place, source.
    """

    name: str
    verdict: str
    effective: str | None = PINNED
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    more: str = ""
    args: tuple[str, ...] = ("-f", "compose.yaml")
    env: Mapping[str, str] = field(default_factory=dict)
    pin: str = "pin.env"
    says: tuple[str, ...] = ()

    @property
    def texts(self) -> Mapping[str, str | bytes]:
        """All files of the project."""
        return {"pin.env": f"PIN={PINNED}\n", "compose.yaml": HEAD + self.more, **self.files}
