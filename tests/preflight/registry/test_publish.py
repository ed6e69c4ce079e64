"""preflight/registry/publish.py: a fake GHCR, and Debian's registry."""

import base64
import json
from pathlib import Path

import pytest

from preflight.http.errors import BadAnswer, Redirected, ServerTrouble
from preflight.lib.deadline import Deadline
from preflight.lib.reference import ImageReference
from preflight.registry.door import Registry
from preflight.registry.errors import NotWritable
from tests.fakes.ghcr import FakeGhcr
from tests.fakes.http_server import answering, as_usual
from tests.real.registry import RealRegistry

REPOSITORY = "owner/agent"


def soon() -> Deadline:
    """Time enough."""
    return Deadline.after(20)


def log_in(environ: dict[str, str], host: str) -> None:
    """Do what `docker login` does."""
    folder = Path(environ["DOCKER_CONFIG"])
    folder.mkdir()
    auth = base64.b64encode(b"me:hunter2").decode()
    (folder / "config.json").write_text(json.dumps({"auths": {host: {"auth": auth}}}))


def retag(ghcr: FakeGhcr, door: Registry, tag: str = "1.1.0") -> None:
    """Read what build-7 is, and put it under another tag."""
    manifest = door.get_manifest(ImageReference(ghcr.host, REPOSITORY, "build-7", None), soon())
    door.put_manifest(ImageReference(ghcr.host, REPOSITORY, tag, None), manifest, soon())


@pytest.fixture(autouse=True)
def build(ghcr: FakeGhcr) -> None:
    """There is an image, and a user who may push."""
    ghcr.push(REPOSITORY, "build-7", content="seven")
    ghcr.users["me"] = "hunter2"


def test_the_same_bytes_under_another_tag(ghcr: FakeGhcr, door: Registry, environ: dict[str, str]) -> None:
    """With their media type; the right to push is asked for though the challenge names only that to pull."""
    log_in(environ, ghcr.host)
    retag(ghcr, door)

    assert ghcr.manifests[REPOSITORY, "1.1.0"] == ghcr.manifests[REPOSITORY, "build-7"]
    assert "scope=repository%3Aowner%2Fagent%3Apull%2Cpush" in ghcr.asked("/token")[-1].path


def test_without_the_right_to_push(ghcr: FakeGhcr, door: Registry, environ: dict[str, str]) -> None:
    """Said as whom it was tried, and what to do; the password is in no message."""
    with pytest.raises(NotWritable, match=r"may not push \(anonymous, 403\)") as caught:
        retag(ghcr, door)
    assert f"docker login {ghcr.host}" in caught.value.hint

    ghcr.users["me"] = "changed"
    log_in(environ, ghcr.host)
    with pytest.raises(NotWritable, match="auths entry") as caught:
        retag(ghcr, Registry(environ, frozenset({ghcr.host})))
    assert "hunter2" not in f"{caught.value.message} {caught.value.hint}"
    assert (REPOSITORY, "1.1.0") not in ghcr.manifests


def test_a_login_goes_to_no_other_host(ghcr: FakeGhcr, door: Registry, environ: dict[str, str]) -> None:
    """A foreign token realm is asked without it, and then nothing may be pushed."""
    log_in(environ, ghcr.host)
    with FakeGhcr() as foreign:
        ghcr.realm = f"{foreign.url}/token"
        door = Registry(environ, frozenset({ghcr.host, foreign.host}))
        manifest = Registry(environ, frozenset({ghcr.host}))
        ghcr.challenge = ""  # to read what build-7 is
        found = manifest.get_manifest(ImageReference(ghcr.host, REPOSITORY, "build-7", None), soon())
        ghcr.challenge = None
        with pytest.raises(NotWritable, match="credentials not sent to the foreign token realm"):
            door.put_manifest(ImageReference(ghcr.host, REPOSITORY, "1.1.0", None), found, soon())
        assert foreign.requests
        assert not any(request.authorization for request in foreign.requests)


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (405, NotWritable, "read-only"),
        (412, BadAnswer, r"refuses to put the image under the tag 1\.1\.0"),
        (400, BadAnswer, r"\(400\)"),
        (500, ServerTrouble, "trouble of its own"),
    ],
)
def test_a_registry_that_refuses(
    ghcr: FakeGhcr, door: Registry, status: int, error: type[Exception], words: str
) -> None:
    """Each in its own words."""
    ghcr.challenge = ""
    ghcr.always("/manifests/1.1.0", answering(status, Retry_After="0"))
    with pytest.raises(error, match=words):
        retag(ghcr, door)


def test_a_redirect_is_not_followed(ghcr: FakeGhcr, door: Registry) -> None:
    """Wherever it leads."""
    ghcr.challenge = ""
    ghcr.always("/manifests/1.1.0", answering(307, Location="http://elsewhere.invalid/"))
    with pytest.raises(Redirected):
        retag(ghcr, door)


def test_trouble_that_passes(ghcr: FakeGhcr, door: Registry) -> None:
    """The same bytes again do no harm."""
    ghcr.challenge = ""
    ghcr.script("/manifests/1.1.0", answering(503, Retry_After="0"), as_usual)
    retag(ghcr, door)
    assert ghcr.manifests[REPOSITORY, "1.1.0"] == ghcr.manifests[REPOSITORY, "build-7"]


@pytest.mark.registry
def test_a_real_registry(registry: RealRegistry, environ: dict[str, str]) -> None:
    """An index and an image, each as it is; a tag that is there moves."""
    repository = "preflight-tests/registry-publish"
    single = registry.push_image(repository, "one", content="one")
    index = registry.push_index(repository, "all", children={"linux/amd64": single})
    door = Registry(environ, frozenset({registry.host}))
    for tag, digest in (("one", single), ("all", index)):
        manifest = door.get_manifest(ImageReference(registry.host, repository, tag, None), soon())
        target = ImageReference(registry.host, repository, "1.0.0", None)
        door.put_manifest(target, manifest, soon())
        again = door.refetch_manifest(target, soon())
        assert (again.digest, again.media_type, again.body) == (digest, manifest.media_type, manifest.body)
