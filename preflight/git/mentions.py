"""The tracked files of a work tree that hold one of some words; no filter and no text conversion is run."""

from collections.abc import Sequence
from pathlib import Path

from preflight.git.command import GitCommand
from preflight.git.refusal import refused
from preflight.lib.deadline import Deadline
from preflight.lib.regex import regex

_FOUND, _NOTHING = 0, 1
_PER_FILE = 20
_MORE_OF_A_TAG = regex(r"[\w.-]*[\w-]")


def files_with_images(
    git: GitCommand, root: Path, images: Sequence[str], deadline: Deadline
) -> tuple[tuple[str, int], ...]:
    """Return the tracked files in the work tree that name an image by tag, each with the first line that does.

    Args:
        git: How git is called.
        root: The root of the work tree.
        images: ``NAME:TAG`` each; a longer tag that begins like one of them is another image.
        deadline: When git must have answered.

    Raises:
        CouldNotLook: Git cannot search.
    """
    patterns = [word for image in images for word in ("-e", image)]
    options = ("--no-color", "--no-textconv", "-I", "-F", "-n", "-z", "--full-name", f"--max-count={_PER_FILE}")
    done = git(root, ("grep", *options, *patterns), deadline)
    if done.exit_code not in {_FOUND, _NOTHING}:
        raise refused(done, root)
    found: dict[str, int] = {}
    for row in done.text.split("\n"):
        name, _, rest = row.partition("\0")
        number, _, line = rest.partition("\0")
        if number.isdecimal() and any(_names(line, image) for image in images):
            found.setdefault(name, int(number))
    return tuple(found.items())


def _names(line: str, image: str) -> bool:
    """Whether a line holds an image with exactly that tag; a full stop may end the sentence around it."""
    pieces = line.split(image)
    return any(not _MORE_OF_A_TAG.match(after) for after in pieces[1:])
