"""preflight/signed/trust.py"""

import json
from pathlib import Path

import pytest

from preflight.errors import CouldNotLook
from preflight.signed.model import SignerDemand
from preflight.signed.trust import read_trust_root

ROOT = {"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1", "tlogs": []}
CONFIG = {"mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json", "trustedRoot": ROOT}


def read(path: Path, text: str) -> str | None:
    """Read what a file of the operator's says."""
    path.write_text(text)
    return read_trust_root(SignerDemand("x", trust_root=path))


def test_both_kinds_of_files_hold_a_root(tmp_path: Path) -> None:
    """The root itself, or a configuration with it; without a file the public one is meant."""
    for document in (ROOT, CONFIG):
        assert json.loads(read(tmp_path / "root.json", json.dumps(document)) or "") == ROOT
    assert read_trust_root(SignerDemand("x")) is None


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 100_000, "[]", "{}", '{"mediaType": 1}', json.dumps({**CONFIG, "trustedRoot": 1})]
)
def test_anything_else_is_an_error(tmp_path: Path, text: str) -> None:
    """Nobody is believed by mistake."""
    with pytest.raises(CouldNotLook, match="neither a ClientTrustConfig nor a trusted root") as caught:
        read(tmp_path / "root.json", text)
    assert caught.value.hint


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """It is named."""
    with pytest.raises(CouldNotLook, match=r"the trust root .*none\.json"):
        read_trust_root(SignerDemand("x", trust_root=tmp_path / "none.json"))
