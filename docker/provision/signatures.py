"""Signatures for tests: real public attestations, and what it takes to sign our own as Sigstore does."""

import sys
import tarfile
from pathlib import Path

from provision.cache import CACHE, filling
from provision.command import run
from provision.errors import ProvisionError

ATTESTATIONS = "0.0.30"
"""Of PyPI's ``pypi-attestations``, whose source archive carries attestations by GitHub Actions."""

MOCK = "0.13.0"
"""Of npm's ``@sigstore/mock``: Fulcio and Rekor with a trust root of their own."""

_INSIDE = f"pypi_attestations-{ATTESTATIONS}/test/assets/"
_SECONDS = 300


def attestations() -> Path:
    """Return a folder with real attestations and what they are about, fetched once and then kept.

    Raises:
        ProvisionError: They cannot be fetched.
    """
    folder = CACHE / "pypi-attestations" / ATTESTATIONS
    with filling(folder) as draft:
        if draft is not None:
            _fetch(draft)
    return folder


def _fetch(draft: Path) -> None:
    name = "pypi-attestations"
    words = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-binary", name, "--dest", str(draft)]
    run([sys.executable, "-m", "pip", "download", *words, f"{name}=={ATTESTATIONS}"], seconds=_SECONDS)
    archive = next(draft.glob("*.tar.gz"))
    with tarfile.open(archive) as source:
        for member in source.getmembers():
            stream = source.extractfile(member) if member.name.startswith(_INSIDE) and member.isfile() else None
            if stream is not None:
                (draft / Path(member.name).name).write_bytes(stream.read())
    archive.unlink()
    if not any(draft.glob("*.slsa.attestation")):
        raise ProvisionError(f"{name} {ATTESTATIONS} carries no attestation", "use another version")


def mock_folder() -> Path:
    """Return a folder whose ``node_modules`` holds ``@sigstore/mock``, fetched once and then kept.

    Raises:
        ProvisionError: npm is missing, or it cannot be fetched.
    """
    folder = CACHE / "sigstore-mock" / MOCK
    with filling(folder) as draft:
        if draft is not None:
            (draft / "package.json").write_text('{"private": true}\n')
            words = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
            run(["npm", "install", *words, f"@sigstore/mock@{MOCK}"], seconds=_SECONDS, cwd=draft)
    return folder
