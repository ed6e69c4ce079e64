"""The parts of `sigstore` that are used, collected in one place; what it does not promise to keep is looked for first.

All names here are loaded by `load`; a `sigstore` whose insides are others than those known is refused, not guessed at.
"""

from datetime import datetime
from importlib import import_module
from importlib.metadata import version
from typing import Any

from preflight.errors import CouldNotLook
from preflight.lib.installing import how_to_install
from preflight.lib.records import mutable
from preflight.signed.model import SignerDemand

_HINT = how_to_install("verify")


@mutable
class Insides:
    """Loaded `sigstore`.

    Args:
        version: The version of the package.
        models: `sigstore.models`.
    """

    version: str
    models: Any
    _verify: Any
    _trust: Any
    _sct: Any
    _timestamp: Any
    _utils: Any
    _hashes: Any
    _root: Any = None

    def verifier(self, root: str | None, demand: SignerDemand) -> Any:
        """Return a verifier that believes the given trusted root (JSON), or the public one.

        Raises:
            CouldNotLook: It is no trusted root, or cannot be fetched.
        """
        try:
            self._root = self._public(demand) if root is None else self._read(root)
            return self._verify.Verifier(trusted_root=self._root)
        except CouldNotLook:
            raise
        except Exception as error:  # whatever a file of the operator's may provoke
            raise CouldNotLook(
                f"the trust root {demand.trust_root or 'of sigstore'} cannot be used",
                "It must be a ClientTrustConfig or a trusted root (JSON) with all three authorities in it.",
            ) from error

    def _read(self, root: str | bytes) -> Any:
        inner = import_module("sigstore_models.trustroot.v1").TrustedRoot.from_json(root)
        return self.models.TrustedRoot(inner)

    def _public(self, demand: SignerDemand) -> Any:
        if not demand.refresh:
            # As shipped; `ClientTrustConfig.production(offline=True)` would write to the home folder.
            utils, tuf = import_module("sigstore._utils"), import_module("sigstore._internal.tuf")
            return self._read(utils.read_embedded("trusted_root.json", tuf.DEFAULT_TUF_URL))
        try:
            return self.models.ClientTrustConfig.production(offline=False).trusted_root
        except Exception as error:  # whatever the network and its files may provoke
            raise CouldNotLook(
                "the public trust root of Sigstore could not be fetched",
                "Check the network to tuf-repo-cdn.sigstore.dev, or set refresh_trust_root: false.",
            ) from error

    def hashed(self, digest: str) -> Any:
        """Return a digest as what was signed."""
        algorithm = import_module("sigstore_models.common.v1").HashAlgorithm.SHA2_256
        return self._hashes.Hashed(algorithm=algorithm, digest=bytes.fromhex(digest.removeprefix("sha256:")))

    def chain_at(self, verifier: Any, certificate: Any, moment: datetime) -> Any:
        """Return the certificates above one, valid at a time."""
        source = self._timestamp.TimestampSource.TRANSPARENCY_SERVICE
        at = self._timestamp.TimestampVerificationResult(source=source, time=moment)
        return verifier._verify_chain_at_time(certificate, at)  # noqa: SLF001 -- looked for in `load`

    def verify_sct(self, certificate: Any, chain: Any, keys: Any) -> None:
        """Raise unless the certificate stands in the certificate log."""
        self._sct.verify_sct(certificate, chain, keys)

    def ct_keys(self) -> Any:
        """Return the keys of the certificate logs."""
        return self._root.ct_keyring(self._trust.KeyringPurpose.VERIFY)

    def log_keys(self) -> Any:
        """Return the keys of the transparency logs."""
        return self._root.rekor_keyring(self._trust.KeyringPurpose.VERIFY)

    def key_id(self, raw: bytes) -> Any:
        """Return the name of a key."""
        return self._utils.KeyID(raw)


def load() -> Insides:
    """Import `sigstore`.

    Raises:
        CouldNotLook: It is missing, broken, or not one of the versions known.
    """
    import logging

    try:
        found = Insides(
            version("sigstore"),
            *(import_module(f"sigstore.{name}") for name in ("models", "verify", "_internal.trust", "_internal.sct")),
            *(import_module(f"sigstore.{name}") for name in ("_internal.timestamp", "_utils", "hashes")),
        )
        needed = (found._verify.Verifier._verify_chain_at_time, found._sct.verify_sct, found._utils.KeyID)  # noqa: SLF001 -- that is the point
        usable = all(needed) and bool(found._trust.KeyringPurpose.VERIFY)  # noqa: SLF001 -- as above
    except Exception as error:  # an import may raise anything
        raise CouldNotLook(f"sigstore cannot be loaded ({type(error).__name__})", _HINT) from error
    if not usable:
        raise CouldNotLook("sigstore is not a version that is known here", _HINT)
    logging.getLogger("sigstore").setLevel(logging.CRITICAL)  # it warns on standard error; we say it in the report
    return found
