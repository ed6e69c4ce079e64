"""Who commits: the operator, as the environment or git's configuration names them."""

from collections.abc import Mapping
from pathlib import Path

from preflight.git.command import GitCommand
from preflight.lib.deadline import Deadline

_ROLES = ("AUTHOR", "COMMITTER")


def identity(
    git: GitCommand,
    folder: Path,
    environ: Mapping[str, str],
    deadline: Deadline,
    *,
    otherwise: tuple[str, str] = ("", ""),
) -> Mapping[str, str]:
    """Return the four variables that name author and committer to git (git-commit-tree(1)).

    Args:
        git: How git is called.
        folder: In the work tree.
        environ: ``GIT_AUTHOR_NAME`` and the others override the configuration, as for git itself.
        deadline: When git must have answered.
        otherwise: Name and address to use where neither names any.

    Returns:
        Nothing where git knows no name, or no address.
    """
    found: dict[str, str] = {}
    for key, fallback in zip(("name", "email"), otherwise, strict=True):
        said = git(folder, ("config", "--get", f"user.{key}"), deadline).text.strip()
        for role in _ROLES:
            variable = f"GIT_{role}_{key.upper()}"
            found[variable] = environ.get(variable, "").strip() or said or fallback
    return found if all(found.values()) else {}
