"""The trust root as a file of the operator's."""

import json

from preflight.errors import CouldNotLook
from preflight.lib.files import read_text
from preflight.signed.model import SignerDemand

_LIMIT = 4 << 20
_CONFIG = "application/vnd.dev.sigstore.clienttrustconfig."
_ROOT = "application/vnd.dev.sigstore.trustedroot"


def read_trust_root(demand: SignerDemand) -> str | None:
    """Return the trusted root (JSON) that is demanded; None for the public one.

    Raises:
        CouldNotLook: The file cannot be read, or is something else.
    """
    path = demand.trust_root
    if path is None:
        return None
    text = read_text(path, limit=_LIMIT, what="the trust root")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict) and str(value.get("mediaType", "")).startswith(_CONFIG):
        value = value.get("trustedRoot")
    if not isinstance(value, dict) or not str(value.get("mediaType", "")).startswith(_ROOT):
        raise CouldNotLook(
            f"the trust root {path} is neither a ClientTrustConfig nor a trusted root (JSON)",
            "Fetch it again, e.g. trusted_root.json from https://tuf-repo-cdn.sigstore.dev, or correct `trust_root`.",
        )
    return json.dumps(value)
