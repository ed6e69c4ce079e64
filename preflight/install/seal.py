"""Text that we write into somebody's system, sealed: later it is told whether it is ours, and whether it was edited."""

import hashlib

from preflight.errors import ConfigurationError
from preflight.lib.records import frozen

_MARK = "# preflight health job of "
_SEAL = "# Do not edit: `preflight install` replaces and removes only what it wrote. Seal: "


@frozen
class Sealed:
    """What was found.

    Args:
        folder: Whose job it is.
        intact: Nobody edited it.
    """

    folder: str
    intact: bool


def seal(body: str, folder: str) -> str:
    """Return a text with two comment lines before it: whose job it is, and its checksum."""
    mark = f"{_MARK}{folder}\n"
    return f"{mark}{_SEAL}{_sum(mark, body)}\n{body}"


def unseal(text: str) -> Sealed | None:
    """Return what the two lines before a text say; ``None`` if there are none: it is not ours."""
    mark, _, rest = text.partition("\n")
    line, _, body = rest.partition("\n")
    if not mark.startswith(_MARK) or not line.startswith(_SEAL):
        return None
    return Sealed(mark.removeprefix(_MARK), line.removeprefix(_SEAL) == _sum(f"{mark}\n", body))


def refuse_foreign(text: str, folder: str, where: str) -> None:
    """Refuse to replace or remove what is not this job's, or was edited.

    Args:
        text: What is there.
        folder: The folder of the job.
        where: How the place is called.

    Raises:
        ConfigurationError: It is somebody else's, of another folder's job, or edited.
    """
    found = unseal(text)
    if found is None:
        raise ConfigurationError(f"{where} is there, and preflight did not write it", "Choose another --name.")
    if found.folder != folder:
        raise ConfigurationError(
            f"{where} is the job of another folder: {found.folder}",
            "Choose another --name. To change or remove that job, stand in its folder; if that is gone, delete it.",
        )
    if not found.intact:
        raise ConfigurationError(
            f"{where} was edited after preflight wrote it, and is left as it is",
            "Keep it and change it by hand; or delete it, and run this again.",
        )


def _sum(mark: str, body: str) -> str:
    return hashlib.sha256(f"{mark}{body}".encode()).hexdigest()[:16]
