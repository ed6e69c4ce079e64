"""What is signed, and why it is refused."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from preflight.signed.model import Material, Refused
from preflight.signed.sigstore_door import Sigstore

DIGEST = "sha256:" + "ab" * 32
OTHER = "sha256:" + "cd" * 32
MANIFEST = b"a manifest"
MANIFEST_DIGEST = "sha256:" + hashlib.sha256(MANIFEST).hexdigest()
Tamper = Callable[[dict[str, Any]], None]


def refused(sigstore: Sigstore, material: Material, digest: str = DIGEST) -> Refused:
    """Return why a signature is refused, after seeing that the words can be shown."""
    with pytest.raises(Refused) as caught:
        sigstore.verify(material, digest)
    assert caught.value.hint
    assert "\n" not in caught.value.message
    assert caught.value.source == material.source
    return caught.value
