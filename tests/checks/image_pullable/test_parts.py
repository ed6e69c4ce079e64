"""checks/image_pullable.py: the parts of an image that are gone or refused."""

import json

import pytest

from preflight.model import Status
from tests.checks.image_pullable.stage import REPOSITORY, Stage, child, index, push, sound
from tests.fakes.ghcr import MANIFEST, FakeGhcr
from tests.fakes.http_server import Script, answering


def test_attestations_only_warn_when_they_are_gone(odd: Stage, ghcr: FakeGhcr) -> None:
    """They are no platform of their own."""
    image = push(ghcr, {"a": 1}, MANIFEST)
    note = push(ghcr, {"b": 1}, MANIFEST)
    unknown = {"os": "unknown", "architecture": "unknown"}
    digest = push(ghcr, index(child(image), child(note, unknown)))
    assert "1 platform there" in odd.verdict(digest).message
    assert {request.method for request in ghcr.asked(image) if request.authorization} == {"HEAD"}
    del ghcr.manifests[REPOSITORY, note]

    good, warned = odd.look(digest)
    assert (good.status, warned.status) == (Status.PASS, Status.WARN)
    assert "1 of 1 attestation gone" in warned.message


def test_attestations_only_warn_when_they_cannot_be_asked_for(odd: Stage, ghcr: FakeGhcr) -> None:
    """The platforms were seen, and nobody runs an attestation."""
    image = push(ghcr, {"a": 1}, MANIFEST)
    note = push(ghcr, {"b": 1}, MANIFEST)
    digest = push(ghcr, index(child(image), child(note, {"os": "unknown", "architecture": "unknown"})))
    assert odd.verdict(digest).status is Status.PASS
    ghcr.always(f"/manifests/{note}", answering(418, b"{}"))

    good, warned = odd.look(digest)
    assert (good.status, warned.status, warned.code) == (Status.PASS, Status.WARN, "attestation-unseen")
    assert "1 of 1 attestation not seen" in warned.message


def test_a_missing_layer_or_config_fails_when_deep(odd: Stage, ghcr: FakeGhcr) -> None:
    """All are asked side by side; what is lost is named."""
    config, layer = f"sha256:{'c' * 64}", f"sha256:{'d' * 64}"
    image = {"schemaVersion": 2, "config": {"digest": config}, "layers": [{"digest": layer}]}
    digest = push(ghcr, image, MANIFEST)
    ghcr.always("/blobs/", answering(404))

    found = odd.verdict(digest, deep=True)
    assert found.status is Status.FAIL
    assert f"config {config[:19]}…, layer {layer[:19]}…" in found.message
    found = odd.verdict(digest)
    assert found.status is Status.FAIL
    assert f"parts of it are gone: config {config[:19]}…" in found.message


def test_a_single_image_costs_one_small_request_more(odd: Stage, ghcr: FakeGhcr) -> None:
    """For its configuration; of its layers nothing is asked."""
    digest, config, layer = sound(ghcr)

    assert odd.verdict(digest).status is Status.PASS
    assert ghcr.asked(f"/blobs/{config}")
    assert not ghcr.asked(f"/blobs/{layer}")


def test_a_login_that_is_out_of_date_fails(odd: Stage, ghcr: FakeGhcr) -> None:
    """The image is public, but Docker sends the login and is refused; the remedy is one command."""
    digest = sound(ghcr)[0]
    ghcr.challenge = None
    login = {"auths": {ghcr.host: {"username": "me", "password": "hunter2"}}}
    (odd.folder / "none").mkdir()
    (odd.folder / "none/config.json").write_text(json.dumps(login))

    found = odd.verdict(digest)

    assert found.status is Status.FAIL
    assert f"refuses the login in Docker's config.json, auths entry for {ghcr.host}, so a pull fails" in found.message
    assert found.hint.endswith(f"docker logout {ghcr.host}")
    assert "hunter2" not in found.message + found.hint + str(found.evidence)


@pytest.mark.parametrize(
    ("part", "script", "verdict"),
    [
        (0, answering(403), (Status.ERROR, "missing or not readable with these credentials")),
        (1, answering(403), (Status.ERROR, "not all of its parts could be asked for: ")),
        (2, answering(403), (Status.ERROR, "not all of its parts could be asked for: ")),
        (2, answering(404), (Status.FAIL, "parts of it are gone: layer sha256:")),
        (1, answering(200, b"other bytes"), (Status.FAIL, "with other bytes")),
    ],
)
def test_each_part_of_an_image_counts_when_deep(
    odd: Stage, ghcr: FakeGhcr, part: int, script: Script, verdict: tuple[Status, str]
) -> None:
    """The whole image passes; then one part is refused, gone or changed."""
    digests = sound(ghcr)
    assert odd.verdict(digests[0], deep=True).status is Status.PASS
    ghcr.scripts.insert(0, (f"*{digests[part]}", script))

    found = odd.verdict(digests[0], deep=True)

    assert found.status is verdict[0]
    assert verdict[1] in found.message


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (b"\xff", "has a configuration that is not valid JSON"),
        (b"[" * 100_000, "has a configuration that is not valid JSON"),
        (b"[]", "has a configuration that is no JSON object"),
        (b"{}", "does not say what its configuration runs on"),
        (b'{"os": 1, "architecture": []}', "does not say what its configuration runs on"),
    ],
)
def test_a_configuration_that_makes_no_sense_fails(odd: Stage, ghcr: FakeGhcr, config: bytes, words: str) -> None:
    """No engine could use it; with a sound one the image passes."""
    assert odd.verdict(sound(ghcr)[0], deep=True).status is Status.PASS

    found = odd.verdict(sound(ghcr, config)[0], deep=True)

    assert found.status is Status.FAIL
    assert words in found.message


def test_a_lost_layer_is_named_even_if_the_configuration_cannot_be_read(odd: Stage, ghcr: FakeGhcr) -> None:
    """One trouble does not hide the other."""
    digest, _, layer = sound(ghcr, b"{}")
    ghcr.scripts.insert(0, (f"*{layer}", answering(404)))

    found = odd.look(digest, deep=True)

    assert [each.status for each in found] == [Status.FAIL, Status.FAIL]
    assert f"parts of it are gone: layer {layer[:19]}…" in found[1].message


def test_deep_goes_no_deeper_than_this_host_would_pull(odd: Stage, ghcr: FakeGhcr) -> None:
    """An index for others only fails for that alone, and none of its parts is asked for."""
    image, *_ = sound(ghcr)
    assert odd.verdict(push(ghcr, index(child(image))), deep=True).status is Status.PASS
    before = len(ghcr.asked("/blobs/"))

    found = odd.verdict(push(ghcr, index(child(image, {"os": "linux", "architecture": "s390x"}))), deep=True)

    assert (found.status, "is not for this host (linux/amd64)" in found.message) == (Status.FAIL, True)
    assert len(ghcr.asked("/blobs/")) == before


def test_an_image_that_answers_but_is_not_handed_out_is_an_error(odd: Stage, ghcr: FakeGhcr) -> None:
    """A HEAD says that it is there; when its parts are to be read, the registry refuses."""
    image, *_ = sound(ghcr)
    assert odd.verdict(image, deep=True).status is Status.PASS
    ghcr.always(image, lambda handler: handler.command == "GET" and answering(403)(handler))

    found = odd.verdict(image, deep=True)

    assert found.status is Status.ERROR
    assert "not all of its parts could be asked for" in found.message


def test_a_configuration_without_end_is_an_error(odd: Stage, ghcr: FakeGhcr) -> None:
    """More than 4 MiB are not read, and what it was built for is then not known."""
    found = odd.verdict(sound(ghcr, b" " * (5 << 20))[0], deep=True)

    assert (found.status, "more than 4 MiB" in found.message) == (Status.ERROR, True)
