"""Who commits: the operator, as the environment or git's configuration names them."""

from collections.abc import Mapping
from pathlib import Path

from preflight.git.command import GitCommand
from preflight.lib.deadline import Deadline

_KEYS = ("name", "email")
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
    variables = {f"GIT_{role}_{key.upper()}": key for key in _KEYS for role in _ROLES}
    given = {variable: environ.get(variable, "").strip() for variable in variables}
    said = {} if all(given.values()) else _configured(git, folder, deadline)
    fallback = dict(zip(_KEYS, otherwise, strict=True))
    found = {
        name: value or said.get(key) or fallback[key]
        for (name, key), value in zip(variables.items(), given.values(), strict=True)
    }
    return found if all(found.values()) else {}


def _configured(git: GitCommand, folder: Path, deadline: Deadline) -> dict[str, str]:
    """Return name and address as git's configuration has them; of several, the last counts."""
    done = git(folder, ("config", "--null", "--get-regexp", r"^user\.(name|email)$"), deadline)
    rows = (row.partition("\n") for row in done.text.split("\0"))
    return {key.removeprefix("user."): value.strip() for key, _, value in rows if key}
