"""The registry door against Debian's registry, and over TLS."""

import ssl
import subprocess
from pathlib import Path

import pytest

from preflight.http.errors import TlsFailed
from preflight.lib.deadline import Deadline
from preflight.lib.reference import ImageReference
from preflight.registry.door import Registry
from preflight.registry.errors import ManifestUnknown, RepositoryUnknown
from tests.fakes.ghcr import FakeGhcr
from tests.real.registry import RealRegistry

REPOSITORY = "preflight-tests/registry-door"


def soon() -> Deadline:
    """Enough for anything."""
    return Deadline.after(20)


@pytest.mark.registry
def test_real_registry(registry: RealRegistry, environ: dict[str, str]) -> None:
    """Manifests, indexes, tags and their absence are seen as the real registry tells them."""
    single = registry.push_image(REPOSITORY, "v1.0.0", content="one")
    index = registry.push_index(REPOSITORY, "v1.1.0", children={"linux/amd64": single})
    door = Registry(environ, frozenset({registry.host}))

    for digest in (single, index):
        assert door.head_manifest(ImageReference(registry.host, REPOSITORY, None, digest), soon()).digest == digest
        assert door.get_manifest(ImageReference(registry.host, REPOSITORY, None, digest), soon()).digest == digest
    assert set(door.tags(registry.host, REPOSITORY, soon())) == {"v1.0.0", "v1.1.0"}
    with pytest.raises(ManifestUnknown):
        door.head_manifest(ImageReference(registry.host, REPOSITORY, None, "sha256:" + "0" * 64), soon())
    with pytest.raises(RepositoryUnknown):
        door.tags(registry.host, f"{REPOSITORY}-absent", soon())


@pytest.mark.registry
def test_real_registry_after_deletion(registry: RealRegistry, environ: dict[str, str]) -> None:
    """A deleted digest takes its tags along; without tags the registry says null."""
    repository = f"{REPOSITORY}-deleted"
    digest = registry.push_image(repository, "1.0.0", content="gone")
    registry.delete(repository, digest)
    door = Registry(environ, frozenset({registry.host}))

    assert door.tags(registry.host, repository, soon()) == ()
    with pytest.raises(ManifestUnknown):
        door.head_manifest(ImageReference(registry.host, repository, None, digest), soon())


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1, signed by itself, with its key in the same file."""
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=preflight-tests",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-keyout",
            str(path),
            "-out",
            f"{path}.crt",
        ],
        check=True,
        capture_output=True,
    )
    path.write_bytes(path.read_bytes() + Path(f"{path}.crt").read_bytes())
    return path


def secure(certificate: Path) -> ssl.SSLContext:
    """Return what a server needs to speak TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_own_authority(certificate: Path, environ: dict[str, str], variable: str) -> None:
    """A certificate of one's own authority is trusted when the environment names it."""
    with FakeGhcr(tls=secure(certificate)) as ghcr:
        digest = ghcr.push(REPOSITORY, "1.0.0")
        door = Registry({**environ, variable: f"{certificate}.crt"})

        assert door.head_manifest(ImageReference(ghcr.host, REPOSITORY, None, digest), soon()).digest == digest
        assert door.tags(ghcr.host, REPOSITORY, soon()) == ("1.0.0",)


def test_unknown_authority(certificate: Path, environ: dict[str, str]) -> None:
    """A certificate that nobody vouches for is refused, and nothing is sent."""
    with FakeGhcr(tls=secure(certificate)) as ghcr:
        with pytest.raises(TlsFailed, match="is not trusted: self-signed certificate") as caught:
            Registry(environ).tags(ghcr.host, REPOSITORY, soon())

        assert "SSL_CERT_FILE" in caught.value.hint
        assert ghcr.requests == []


def test_certificate_for_another_name(certificate: Path, environ: dict[str, str]) -> None:
    """A certificate for another host is refused."""
    with FakeGhcr(tls=secure(certificate)) as ghcr:
        host = ghcr.host.replace("127.0.0.1", "localhost")
        door = Registry({**environ, "SSL_CERT_FILE": f"{certificate}.crt"})

        with pytest.raises(TlsFailed, match="is not trusted: Hostname mismatch"):
            door.tags(host, REPOSITORY, soon())


def test_listed_host_is_not_asked_over_tls(certificate: Path, environ: dict[str, str]) -> None:
    """A host listed for plain HTTP is asked so; one that wants TLS then says nothing useful."""
    with FakeGhcr(tls=secure(certificate)) as ghcr:
        door = Registry(environ, frozenset({ghcr.host}))

        with pytest.raises(Exception, match=r"closed the connection|HTTP"):
            door.tags(ghcr.host, REPOSITORY, Deadline.after(5))
