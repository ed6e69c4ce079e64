"""preflight/signed/sigstore_api.py: the heavy library, and that nobody loads it who does not need it."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from preflight.errors import CouldNotLook
from preflight.signed import sigstore_api as insides
from preflight.signed import sigstore_door
from preflight.signed.model import SignerDemand
from preflight.signed.search import _Loading
from preflight.testing import fake_context
from tests.real.signing import PATTERN, require_sigstore

ROOT = Path(__file__).resolve().parents[3]
LOOK = """
import sys
from preflight.cli import entry
from preflight.lib import streams
streams.install()
entry()
heavy = {"sigstore", "cryptography", "pydantic", "tuf", "rfc3161_client"} & set(sys.modules)
print("HEAVY", sorted(heavy), file=sys.stderr)
"""


def loaded(folder: Path, *arguments: str) -> str:
    """Run preflight in a process of its own and return what it said of heavy libraries."""
    done = subprocess.run(
        [sys.executable, "-c", LOOK, *arguments],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    return done.stderr.splitlines()[-1]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a pin."""
    (tmp_path / "pin.env").write_text(f"AGENT_IMAGE=127.0.0.1:9/a/b@sha256:{'ab' * 32}\n")
    (tmp_path / "compose.yaml").write_text("services: {app: {image: x, env_file: [pin.env]}}\n")
    return tmp_path


@pytest.mark.parametrize("arguments", [("--version",), ("list",), ("explain", "image-signature"), ("run",)])
def test_nobody_loads_sigstore_unasked(project: Path, arguments: tuple[str, ...]) -> None:
    """Neither a run with every check, none of them told to verify, nor anything else."""
    assert loaded(project, *arguments) == "HEAVY []"


def test_who_asks_gets_it(project: Path) -> None:
    """The test above can fail: with an identity, the check does load it."""
    require_sigstore()
    checks = f"checks: {{image-signature: {{identity: {json.dumps(PATTERN)}}}}}\n"
    (project / "preflight.yaml").write_text(checks + 'registry: {insecure: ["127.0.0.1:9"]}\n')

    assert "sigstore" in loaded(project, "run", "--only", "image-signature")


def test_only_one_place_names_it() -> None:
    """No other module of the engine, and no check, imports `sigstore` or `cryptography`."""
    files = [*(ROOT / "preflight").rglob("*.py"), *(ROOT / "checks").glob("*.py")]
    named = {
        file.name
        for file in files
        for line in file.read_text().splitlines()
        if "import" in line and ("sigstore." in line or "sigstore_models" in line or "cryptography" in line)
        if "preflight.signed" not in line and "TYPE_CHECKING" not in line and not line.startswith("    from ")
    }

    assert named <= {"sigstore_api.py", "sigstore_door.py"}


def test_a_broken_installation_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """An extra that does not load is said to be broken; nothing is verified without it."""

    def broken(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(insides, "import_module", broken)
    with pytest.raises(CouldNotLook, match=r"sigstore cannot be loaded \((ImportError|PackageNotFoundError)\)"):
        insides.load()


def test_other_insides_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A version whose insides moved is refused, not guessed at."""
    require_sigstore()
    from importlib import import_module as real

    def moved(name: str) -> Any:
        return SimpleNamespace() if name == "sigstore._internal.sct" else real(name)

    monkeypatch.setattr(insides, "import_module", moved)
    with pytest.raises(CouldNotLook, match=r"sigstore cannot be loaded \(AttributeError\)"):
        insides.load()


def test_a_missing_name_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is there but empty counts as moved."""
    require_sigstore()
    from importlib import import_module as real

    def moved(name: str) -> Any:
        if name == "sigstore._internal.trust":
            return SimpleNamespace(KeyringPurpose=SimpleNamespace(VERIFY=None))
        return real(name)

    monkeypatch.setattr(insides, "import_module", moved)
    with pytest.raises(CouldNotLook, match="not a version that is known"):
        insides.load()


def test_a_root_that_cannot_be_fetched_is_an_error() -> None:
    """`refresh_trust_root: true` without network: not the old one in its place, without a word."""
    require_sigstore()
    inside = insides.load()

    class Offline:
        @staticmethod
        def production(*, offline: bool) -> Any:
            raise OSError(offline)

    inside.models = SimpleNamespace(ClientTrustConfig=Offline, TrustedRoot=inside.models.TrustedRoot)
    with pytest.raises(CouldNotLook, match="could not be fetched"):
        inside.verifier(None, SignerDemand(PATTERN, refresh=True))


def test_a_fetched_root_is_used() -> None:
    """What a refresh brings is what is believed."""
    require_sigstore()
    inside = insides.load()
    inside.verifier(None, SignerDemand(PATTERN))
    root = inside._root

    class Online:
        @staticmethod
        def production(*, offline: bool) -> Any:
            assert not offline
            return SimpleNamespace(trusted_root=root)

    inside.models = SimpleNamespace(ClientTrustConfig=Online)

    assert inside.verifier(None, SignerDemand(PATTERN, refresh=True)) is not None


def test_loading_that_hangs_ends_with_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refresh that never ends costs this check its time, and no more."""
    import threading

    never = threading.Event()
    monkeypatch.setattr(sigstore_door, "Sigstore", lambda _demand: never.wait(30))
    loading = _Loading(fake_context(seconds=0.05), SignerDemand(PATTERN))

    with pytest.raises(CouldNotLook, match="did not load in time"):
        loading.sigstore()
    never.set()
