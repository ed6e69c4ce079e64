"""The identity of a workflow of GitHub Actions, as its certificate has it, made of fields that are compared exactly.

The subject alternative name is `https://github.com/OWNER/NAME/.github/workflows/FILE@REF` (Fulcio, docs/oidc.md):
of a reusable workflow the one that is called, not the caller.
"""

import re

from preflight.lib.regex import regex

_WORKFLOW = regex(r"(?:\.github/workflows/)?([\w.-]+\.ya?ml)", re.ASCII)
_REF = regex(r"refs/(?:heads|tags)/[^\s@:?*\[\\^~\x00-\x1f]+")
_ANY_REF = "refs/(?:heads|tags)/.+"
_PULL = "refs/pull/"


def check_workflow(workflow: str, ref: str) -> None:
    """Refuse what names no workflow and no ref.

    Raises:
        ValueError: Begins with the name of the field.
    """
    if workflow and not _WORKFLOW.fullmatch(workflow):
        raise ValueError("workflow: must be a file in .github/workflows, such as release.yml")
    if ref.startswith(_PULL):
        raise ValueError("ref: must not be one of a pull request, which anybody can open")
    if ref and not _REF.fullmatch(ref):
        raise ValueError("ref: must be whole, such as refs/heads/main; leave it out for every branch and tag")


def workflow_identity(repository: str, workflow: str, ref: str) -> str:
    """Return the pattern that fits the identities of a repository's workflows, and no others.

    Args:
        repository: `OWNER/NAME`.
        workflow: The file of the workflow; empty: any.
        ref: Empty: any branch or tag, but no pull request's.
    """
    named = _WORKFLOW.fullmatch(workflow)
    file = re.escape(named[1]) if named else "[^/@]+"
    place = f"https://github\\.com/{re.escape(repository)}/\\.github/workflows/{file}"
    return f"^{place}@{re.escape(ref) if ref else _ANY_REF}$"


def is_of_pull_request(identity: str, ref: str = "") -> bool:
    """Whether a workflow ran for a pull request."""
    return f"@{_PULL}" in identity or ref.startswith(_PULL)
