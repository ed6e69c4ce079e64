"""checks/image_signature.py: whose signature is demanded, and what is believed."""

from typing import Any

import pytest

from checks.image_signature import ImageSignature, Settings
from preflight.context import Options
from preflight.model import Status
from preflight.signed import sigstore_door
from preflight.testing import run_check
from tests.checks.image_signature.stage import COSIGN_2, STRANGER, Stage
from tests.real.cli import PreflightCli
from tests.real.git import GitRepository
from tests.real.signing import PATTERN, SigningWorld, attach_signatures

pytestmark = pytest.mark.registry


def test_strict_says_how_to_go_without_signatures(stage: Stage, preflight_cli: PreflightCli) -> None:
    """What is not configured fails a strict run, which names both ways out; the way without signatures works."""
    stage.context()
    (stage.folder / "compose.yaml").write_text("services: {app: {image: x, env_file: [pin.env]}}\n")
    words = ("run", "--only", "pin-file", "--only", "image-signature", "--registry-insecure", stage.registry.host)
    GitRepository.create(stage.folder).commit()
    environ = {"DOCKER_HOST": "unix:///nowhere.sock"}
    config = stage.folder / "preflight.yaml"

    config.write_text("strict: true\n")
    strict = preflight_cli(*words, cwd=stage.folder, env=environ)
    assert strict.returncode == 1
    hint = " ".join(strict.stdout.split())
    assert "checks: {image-signature: {repository: OWNER/NAME}}" in hint
    assert "if nothing is signed: skip: [image-signature]" in hint

    config.write_text("strict: true\nskip: [image-signature]\n")
    done = preflight_cli(*words, cwd=stage.folder, env=environ)
    assert done.returncode == 0, done.stdout


def test_a_wrong_identity_fails(stage: Stage, world: SigningWorld) -> None:
    """Signed, but by somebody else."""
    attach_signatures(stage.registry, stage.repository, stage.digest, world.signed[STRANGER])

    finding = stage.verdict()

    assert finding.status is Status.FAIL
    assert "the signature is by https://github.com/stranger/thing/" in finding.message
    assert finding.message.endswith("not by who `identity` demands")


def test_a_pattern_that_fits_others_too_warns(stage: Stage, world: SigningWorld) -> None:
    """It is ours, but a name that only begins like ours would pass as well."""
    attach_signatures(stage.registry, stage.repository, stage.digest, world.signed[COSIGN_2])
    found = stage.look(identity=r"^https://github\.com/ls1intum/Heph.*")

    assert [(each.status, each.code) for each in found] == [(Status.PASS, ""), (Status.WARN, "loose-identity")]
    assert "`repository: ls1intum/Hephaestus`" in found[1].hint


def test_an_identity_in_other_letters_fails_and_says_so(stage: Stage, world: SigningWorld) -> None:
    """The runbook's pattern is lower-case, GitHub's certificate is not."""
    attach_signatures(stage.registry, stage.repository, stage.digest, world.signed[COSIGN_2])

    finding = stage.verdict(identity="^https://github.com/ls1intum/hephaestus/")

    assert finding.status is Status.FAIL
    assert finding.message.endswith("which differs from `identity` in upper and lower case only")
    assert finding.hint == rf"Write `identity` as the certificate has it: {PATTERN}"


def test_a_wrong_issuer_fails(stage: Stage, world: SigningWorld) -> None:
    """The same workflow path at another forge is another signer."""
    attach_signatures(stage.registry, stage.repository, stage.digest, world.signed[COSIGN_2])

    finding = stage.verdict(issuer="https://gitlab.example")

    assert finding.status is Status.FAIL
    assert "not https://gitlab.example" in finding.message


def test_a_wrong_trust_root_fails(stage: Stage, world: SigningWorld) -> None:
    """Without `trust_root` it is Sigstore's public one, which does not know this authority."""
    attach_signatures(stage.registry, stage.repository, stage.digest, world.signed[COSIGN_2])

    finding = stage.verdict(trust_root="")

    assert finding.status is Status.FAIL
    assert "an authority that the trust root does not know" in finding.message


def test_an_unusable_trust_root_is_an_error(stage: Stage) -> None:
    """Also when there is nothing to verify: the next signature would not be, either."""
    (stage.folder / "wrong.json").write_text("{}")

    finding = stage.verdict(trust_root="wrong.json")

    assert finding.status is Status.ERROR
    assert "neither a ClientTrustConfig nor a trusted root" in finding.message


def test_without_identity_nothing_is_done(stage: Stage) -> None:
    """A verification without identity proves nothing: the check does not apply, and says how to configure it."""
    [skip] = run_check(ImageSignature(Settings()), stage.context())

    assert skip.status is Status.SKIP
    assert "no identity is configured" in skip.message
    assert "checks: {image-signature: {repository: OWNER/NAME}}" in skip.hint
    assert skip.hint.endswith("skip: [image-signature]")


def test_a_trust_root_for_all_checks_is_believed(stage: Stage, world: SigningWorld) -> None:
    """`registry.trust_root` serves a check that names none; one that is to fetch the public one cannot have both."""
    attach_signatures(stage.registry, stage.repository, stage.digest, world.signed[COSIGN_2])
    stage.options = Options(trust_root=stage.folder / "trusted_root.json")

    assert stage.verdict(trust_root="").status is Status.PASS
    [refused] = stage.look(trust_root="", refresh_trust_root=True)
    assert refused.status is Status.ERROR
    assert "but registry.trust_root names another" in refused.message

    (stage.folder / "wrong.json").write_text("{}")
    stage.options = Options(trust_root=stage.folder / "wrong.json")
    assert stage.verdict().status is Status.PASS
    assert stage.verdict(trust_root="").status is Status.ERROR


@pytest.mark.parametrize(("required", "status"), [(False, Status.SKIP), (True, Status.ERROR)])
def test_nothing_that_can_verify(
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    required: bool,
    status: Status,
) -> None:
    """Neither the extra nor cosign: skipped with the way to install it, or an error where it is required."""
    monkeypatch.setattr(sigstore_door, "is_installed", lambda: False)
    stage.environ = {"PATH": str(stage.folder)}

    finding = stage.verdict(required=required)

    assert finding.status is status
    assert "neither the extra `verify` nor cosign is installed" in finding.message
    assert "pipx install --force '.[verify]'" in finding.hint


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"identity": ".*"}, "identity: matches anybody"),
        ({"identity": "^https://github.com/"}, "identity: matches anybody"),
        ({"identity": "("}, "identity: is no regular expression"),
        ({"required": True}, "identity: must be set"),
        ({"trust_root": "x"}, "identity: must be set"),
        ({"identity": PATTERN, "issuer": ""}, "issuer: must not be empty"),
        ({"identity": PATTERN, "trust_root": "x", "refresh_trust_root": True}, "refresh_trust_root: only"),
    ],
)
def test_settings_that_prove_nothing_are_refused(settings: dict[str, Any], words: str) -> None:
    """What would let anybody pass, or contradicts itself, is a configuration error."""
    with pytest.raises(ValueError, match=words):
        Settings(**settings)
