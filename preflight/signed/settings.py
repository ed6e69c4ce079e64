"""What the settings of the checks of signatures have in common, and the demand that they make."""

from pathlib import Path
from typing import Protocol

from preflight.context import Context
from preflight.errors import CouldNotLook, NotLookedAt
from preflight.signed.model import GITHUB_ISSUER, SignerDemand

WORKFLOW = "File of the workflow that signed, e.g. release.yml, compared exactly. Empty: any of `repository`."
REF = (
    "The git ref that it ran on, e.g. refs/heads/main, compared exactly. Empty: any branch or tag, but no pull request."
)
ISSUER = "The issuer of the signer's identity token, compared exactly."
TRUST_ROOT = (
    "File with a ClientTrustConfig or trusted root (JSON). Empty: `trust_root` under `registry:`, else "
    "Sigstore's public one."
)
REFRESH_TRUST_ROOT = "Fetch the public one again, instead of believing the one installed with the extra."
"""What the settings that both checks have mean."""


class SignerSettings(Protocol):
    """What a check's settings say of the signer."""

    @property
    def identity(self) -> str:
        """Regular expression; empty: the fields tell, or nobody is demanded."""

    @property
    def repository(self) -> str:
        """`OWNER/NAME` of the workflow; of the source, too."""

    @property
    def workflow(self) -> str:
        """File of the workflow; empty: any."""

    @property
    def ref(self) -> str:
        """The git ref that it ran on; empty: any branch or tag."""

    @property
    def issuer(self) -> str:
        """The issuer of the signer's identity token."""

    @property
    def trust_root(self) -> str:
        """File of the check's own; empty: the one for all, else the public one."""

    @property
    def refresh_trust_root(self) -> bool:
        """Fetch the public one again."""


def check_signer_settings(given: SignerSettings, *, demands: bool) -> None:
    """Refuse settings that prove nothing or contradict each other.

    Args:
        given: The settings.
        demands: Something is set that has a meaning only with an identity.

    Raises:
        ValueError: The first that is wrong.
    """
    _check_fields(given)
    if given.identity:
        from preflight.signed.identity import check_identity_pattern

        check_identity_pattern(given.identity)
    elif given.repository and given.issuer not in ("", GITHUB_ISSUER):
        raise ValueError("repository: is compared with GitHub's certificates; for another issuer set identity")
    elif not given.repository and (demands or given.trust_root or given.refresh_trust_root):
        raise ValueError("identity: must be set, or repository, or nothing is verified")
    if given.trust_root and given.refresh_trust_root:
        raise ValueError("refresh_trust_root: only the public root can be fetched; leave trust_root out")
    if not given.issuer:
        raise ValueError("issuer: must not be empty")


def _check_fields(given: SignerSettings) -> None:
    if given.repository:
        from preflight.github.client import is_repository

        if not is_repository(given.repository):
            raise ValueError("repository: must be OWNER/NAME")
    if given.workflow or given.ref:
        from preflight.signed.workflow import check_workflow

        check_workflow(given.workflow, given.ref)
        field = "workflow" if given.workflow else "ref"
        if given.identity:
            raise ValueError(f"{field}: goes with repository; `identity`, which is set, says all of it by itself")
        if not given.repository:
            raise ValueError(f"{field}: says nothing without repository")


def signer_demand(ctx: Context, given: SignerSettings, check: str) -> SignerDemand:
    """Return the demand that a check's settings make; a relative path counts from the configuration's folder.

    A trust root of the check's own overrides `registry.trust_root`, which is for all.

    Args:
        ctx: For that, and for the folder.
        given: The settings.
        check: The id of the check.

    Raises:
        NotLookedAt: No identity is demanded: a signature by just anybody proves nothing.
        CouldNotLook: A trust root is named for all, and this check is to fetch the public one.
    """
    if not given.identity and not given.repository:
        raise NotLookedAt(
            "no identity is configured, so a signature would prove nothing",
            f"In preflight.yaml: checks: {{{check}: {{repository: OWNER/NAME}}}}; "
            f"if nothing is signed: skip: [{check}]",
        )
    common = ctx.options.trust_root
    if given.refresh_trust_root and common is not None:
        raise CouldNotLook(
            "refresh_trust_root fetches the public trust root, but registry.trust_root names another",
            "Keep one of the two in preflight.yaml.",
        )
    root = ctx.project.base / Path(given.trust_root) if given.trust_root else common
    if given.identity:
        return SignerDemand(given.identity, given.issuer, root, given.refresh_trust_root)
    from preflight.signed.workflow import workflow_identity

    pattern = workflow_identity(given.repository, given.workflow, given.ref)
    return SignerDemand(pattern, given.issuer, root, given.refresh_trust_root, "repository")
