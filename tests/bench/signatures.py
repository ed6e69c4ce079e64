"""A real provenance in the registry, to verify with the tool and with `sigstore` itself."""

import json
import shutil
import sys
from pathlib import Path

from provision.registry import RegistryClient
from provision.signatures import attestations

from tests.real.signing import REAL_DIGEST, REAL_PATTERN, attach_bundles, real_provenance

_ARTIFACT = "pypi_attestations-0.0.19.tar.gz"
_IDENTITY = "https://github.com/trailofbits/pypi-attestations/.github/workflows/release.yml@refs/tags/v0.0.19"


def verification(folder: Path, host: str) -> tuple[list[str], list[str]]:
    """Make a folder with a pin and a configuration, and attach the provenance to what is pinned.

    Args:
        folder: Made.
        host: A registry, ``127.0.0.1:PORT``.

    Returns:
        The arguments of the tool, and the whole command with which `sigstore` verifies the same bundle.
    """
    folder.mkdir()
    attach_bundles(RegistryClient(host), "bench/verified", REAL_DIGEST, json.loads(real_provenance()))
    shutil.copy(attestations() / _ARTIFACT, folder)
    (folder / "bundle.json").write_bytes(real_provenance())
    (folder / "pin.env").write_text(f"IMAGE={host}/bench/verified@{REAL_DIGEST}\n")
    (folder / "compose.yaml").write_text("services: {app: {image: x, env_file: [pin.env]}}\n")
    configuration = {
        "pins": [{"variable": "IMAGE", "service": "app", "file": "pin.env"}],
        "compose": {"files": ["compose.yaml"]},
        "checks": {"image-provenance": {"identity": REAL_PATTERN, "required": True}},
    }
    (folder / "preflight.yaml").write_text(json.dumps(configuration))
    words = ["verify", "github", "--offline", "--bundle", "bundle.json", "--cert-identity", _IDENTITY, _ARTIFACT]
    ours = ["run", "--only", "image-provenance", "--registry-insecure", host]
    return ours, [sys.executable, "-m", "sigstore", *words]
