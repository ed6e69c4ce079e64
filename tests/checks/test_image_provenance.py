"""Tests of checks/image_provenance.py: a real registry, real git, a fake of GitHub's API, real signatures."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from checks.image_provenance import ImageProvenance, Settings
from preflight.context import Context
from preflight.git.door import Git
from preflight.model import Finding, Location, Status
from preflight.project import Pin
from preflight.registry.door import Registry
from preflight.signed import sigstore_door
from preflight.testing import fake_context, run_check
from tests.fakes.github import FakeGitHub
from tests.real.git import GIT_ENVIRON, GitRepository
from tests.real.registry import RealRegistry
from tests.real.signing import (
    COMMIT,
    PATTERN,
    REAL_COMMIT,
    REAL_DIGEST,
    REAL_PATTERN,
    TAG,
    Order,
    SigningWorld,
    attach_attestations,
    attach_bundles,
    provenance,
    push_unsigned,
    real_provenance,
    require_sigstore,
    sign,
    statement,
)

NAME = "AGENT_IMAGE"
REPOSITORY = "ls1intum/Hephaestus"
FILE = "pin.env"
SLSA = "https://slsa.dev/provenance/v1"

pytestmark = pytest.mark.registry


@dataclass
class Stage:
    """A pinned image in a repository of its own, a git repository that pins it for v1.4.1, and GitHub."""

    registry: RealRegistry
    git: GitRepository
    github: FakeGitHub
    repository: str
    digest: str
    world: SigningWorld | None = None
    environ: Mapping[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        return f"{self.registry.host}/{self.repository}@{self.digest[:19]}…"

    def pin(self, subject: str = "chore: pin the agent image for v1.4.1") -> None:
        """Commit the pin."""
        self.git.commit({FILE: f"{NAME}={self.registry.host}/{self.repository}@{self.digest}\n"}, subject)

    def sign(self, *orders: Order) -> list[dict[str, Any]]:
        """Sign under a trust root of its own, and write that down."""
        self.world = sign(orders)
        self.world.write_root(self.git.path)
        return [each.bundle() for each in self.world.signed]

    def attach(self, *orders: Order) -> None:
        """Sign, and push what was signed."""
        attach_bundles(self.registry, self.repository, self.digest, *self.sign(*orders))

    def context(self, folder: Path | None = None) -> Context:
        base = folder or self.git.path
        environ = {"DOCKER_CONFIG": str(base / "none"), "PATH": os.environ["PATH"], "GITHUB_API_URL": self.github.url}
        environ |= {**GIT_ENVIRON, **self.environ}
        return fake_context(
            base,
            pins=(Pin(NAME, "app", base / FILE),),
            environ=environ,
            git=Git(base, environ),
            registry=Registry(environ, frozenset({self.registry.host})),
        )

    def look(self, folder: Path | None = None, **settings: Any) -> list[Finding]:
        """Run the check; demand our release workflow unless the test says otherwise."""
        root = str(self.git.path / "trusted_root.json") if self.world else ""
        given = {"identity": PATTERN, "trust_root": root, **settings}
        findings = run_check(ImageProvenance(Settings(**given)), self.context(folder))
        for finding in findings:
            assert finding.hint or finding.status is Status.PASS
            assert "\n" not in finding.message + finding.hint
            assert finding.location == Location(FILE, 1)
        return findings

    def verdict(self, folder: Path | None = None, **settings: Any) -> Finding:
        """Return the only finding."""
        [finding] = self.look(folder, **settings)
        return finding


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    """A fake GitHub that knows nothing yet."""
    with FakeGitHub() as fake:
        yield fake


@pytest.fixture
def stage(registry: RealRegistry, github: FakeGitHub, git_repository: GitRepository, tmp_path: Path) -> Stage:
    """A repository with the releases v1.4.0 and v1.4.1, whose pin is for the latter."""
    require_sigstore()
    repository = "provenance/" + tmp_path.name.lower().strip("_").replace("_", "-")
    stage = Stage(registry, git_repository, github, repository, push_unsigned(registry, repository))
    git_repository.commit({"app.txt": "1"}, "Release 1.4.0")
    git_repository.tag("v1.4.0")
    git_repository.commit({"app.txt": "2"}, "Release 1.4.1")
    git_repository.tag("v1.4.1")
    stage.pin()
    return stage


def order(stage: Stage, rev: str = "v1.4.1", **changes: str) -> Order:
    """Return a provenance of the image, built from a revision, as the claims of the signer agree."""
    commit = changes.get("commit") or stage.git.git("rev-parse", f"{rev}^{{commit}}")
    ref = changes.get("ref", TAG)
    repository = changes.get("repository", REPOSITORY)
    payload = provenance(stage.digest, commit, ref, repository)
    return Order(payload, claims={"sha": commit, "ref": ref, "repository": repository})


def test_a_build_of_the_pinned_release_passes(stage: Stage) -> None:
    """In the registry, from the commit that the release's tag is on; with all facts as evidence."""
    made = order(stage)
    stage.attach(made)

    finding = stage.verdict()

    commit = stage.git.git("rev-parse", "v1.4.1")
    source = f"https://github.com/{REPOSITORY} at {commit[:12]}"
    assert finding.message == f"{stage.shown} was built from {source}, of release 1.4.1"
    assert finding.status is Status.PASS
    expected = {
        "digest": stage.digest,
        "predicate_type": SLSA,
        "builder": f"https://github.com/{REPOSITORY}/.github/workflows/release.yml@{TAG}",
        "repository": f"https://github.com/{REPOSITORY}",
        "commit": commit,
        "ref": TAG,
    }
    assert expected.items() <= dict(finding.evidence).items()


def test_a_real_attestation_of_github_passes(stage: Stage, github: FakeGitHub) -> None:
    """A real provenance that GitHub's API hands out, verified with the root that `sigstore` ships."""
    stage.digest = REAL_DIGEST
    stage.pin("chore: pin something")
    github.attestations[REAL_DIGEST] = [{"bundle": json.loads(real_provenance()), "repository_id": 1}]

    finding = stage.verdict(identity=REAL_PATTERN, repository="TrailOfBits/pypi-attestations")

    assert finding.status is Status.PASS
    assert f"https://github.com/trailofbits/pypi-attestations at {REAL_COMMIT[:12]}" in finding.message
    assert finding.message.endswith("release not compared: the pin's history names no release")
    assert finding.evidence["found_in"] == "GitHub's attestations of TrailOfBits/pypi-attestations"
    [(path, authorization)] = github.questions
    assert path == f"/repos/TrailOfBits/pypi-attestations/attestations/{REAL_DIGEST}?per_page=100"
    assert authorization == ""


def test_github_is_not_asked_when_the_registry_has_it(stage: Stage, github: FakeGitHub) -> None:
    """The registry first: it is asked anyway, and has no hourly limit."""
    stage.attach(order(stage))

    assert stage.verdict(repository=REPOSITORY).status is Status.PASS
    assert github.questions == []


@pytest.mark.parametrize("record", ["dsse", "intoto"])
def test_an_attestation_of_cosign_2_passes_until_it_is_of_another_image(stage: Stage, record: str) -> None:
    """It lies under the tag `sha256-<hex>.att`, which is read when neither referrers nor GitHub have a provenance."""
    made = replace(order(stage), record=record)
    stage.world = sign([made, replace(made, payload=provenance("sha256:" + "cd" * 32))])
    stage.world.write_root(stage.git.path)
    sound, strange = stage.world.signed
    attach_attestations(stage.registry, stage.repository, stage.digest, sound)

    good = stage.verdict(repository=REPOSITORY)
    attach_attestations(stage.registry, stage.repository, stage.digest, strange)
    bad = stage.verdict(repository=REPOSITORY)

    assert good.status is Status.PASS
    assert good.evidence["found_in"] == f"the tag {stage.digest[:19].replace(':', '-')}….att"
    assert len(stage.github.questions) == 2
    assert bad.status is Status.FAIL
    assert bad.message.endswith("the build provenance is about another digest than the pinned one")


def test_another_attestation_of_cosign_2_is_no_provenance(stage: Stage) -> None:
    """A vulnerability scan, say, is mentioned, and does not count."""
    stage.world = sign([Order(statement(stage.digest, "https://cosign.sigstore.dev/attestation/vuln/v1", {}))])
    stage.world.write_root(stage.git.path)
    attach_attestations(stage.registry, stage.repository, stage.digest, *stage.world.signed)

    finding = stage.verdict(required=True)

    assert finding.status is Status.FAIL
    assert finding.message.endswith("there is no build provenance, only 1 other statement")


def test_an_attestation_that_is_listed_and_gone_is_an_error(stage: Stage) -> None:
    """What could not be looked at may be the provenance: it is not said that there is none."""
    stage.world = sign([order(stage)])
    stage.world.write_root(stage.git.path)
    attach_attestations(stage.registry, stage.repository, stage.digest, *stage.world.signed)
    assert stage.verdict().status is Status.PASS
    lost = "sha256:" + hashlib.sha256(stage.world.signed[0].envelope.encode()).hexdigest()
    stage.registry.delete_blob(stage.repository, lost)

    finding = stage.verdict(required=True)

    assert finding.status is Status.ERROR
    assert "missing or not readable" in finding.message


def test_a_commit_that_came_in_with_the_release_passes(stage: Stage) -> None:
    """The tag may be on a later commit that only bumps the version, even after a pre-release of it."""
    built = stage.git.commit({"app.txt": "3"}, "Feature")
    stage.git.tag("v1.5.0-rc.1")
    stage.git.commit({"version": "1.5.0"}, "Bump")
    stage.git.tag("v1.5.0")
    stage.repository += "/next"
    stage.digest = push_unsigned(stage.registry, stage.repository)
    stage.pin("chore: pin the agent image for v1.5.0")
    stage.attach(order(stage, commit=built, ref="refs/heads/main"))

    finding = stage.verdict()

    assert finding.status is Status.PASS
    assert finding.message.endswith("of release 1.5.0")


def test_a_commit_of_an_earlier_release_fails(stage: Stage) -> None:
    """The bytes of 1.4.0 under the pin of 1.4.1."""
    stage.attach(order(stage, "v1.4.0", ref="refs/heads/main"))

    finding = stage.verdict()

    assert finding.status is Status.FAIL
    assert "was not built from release 1.4.1: the commit" in finding.message
    assert finding.message.endswith("was released before, in 1.4.0")


def test_a_commit_after_the_release_fails(stage: Stage) -> None:
    """Built from what nobody has released."""
    later = stage.git.commit({"app.txt": "3"}, "Later")
    stage.attach(order(stage, commit=later, ref="refs/heads/main"))

    finding = stage.verdict()

    assert finding.status is Status.FAIL
    assert finding.message.endswith(f"the commit {later[:12]} is not in 1.4.1")


def test_a_commit_that_nobody_knows_fails(stage: Stage) -> None:
    """A full clone has all commits of its release, so this is none of them."""
    stage.attach(order(stage, commit=COMMIT, ref="refs/heads/main"))

    finding = stage.verdict()

    assert finding.status is Status.FAIL
    assert f"this clone does not know the commit {COMMIT[:12]}" in finding.message


def test_the_tag_of_another_release_fails(stage: Stage) -> None:
    """The ref that was built names its release itself."""
    stage.attach(order(stage, ref="refs/tags/v1.4.0"))

    finding = stage.verdict()

    assert finding.status is Status.FAIL
    assert finding.message.endswith("was built from 1.4.0, but the pin is for release 1.4.1")


def test_a_shallow_clone_warns(stage: Stage, tmp_path: Path) -> None:
    """What holds is a pass; that the release cannot be compared is said apart, with what to do."""
    stage.attach(order(stage, "v1.4.0", ref="refs/heads/main"))
    clone = tmp_path / "clone"
    stage.git.git("clone", "--quiet", "--depth=1", f"file://{stage.git.path}", str(clone))
    GitRepository(clone).git("remote", "add", "upstream", f"git@github.com:{REPOSITORY}.git")
    GitRepository(clone).git("fetch", "--quiet", "--depth=1", "origin", "refs/tags/v1.4.1:refs/tags/v1.4.1")

    verified, warning = stage.look(clone)

    assert (verified.status, warning.status) == (Status.PASS, Status.WARN)
    assert "cannot be told: this clone is shallow" in warning.message
    assert "--unshallow" in warning.hint


def test_a_missing_tag_warns(stage: Stage) -> None:
    """The pin names a release that this clone has no tag for."""
    stage.git.git("tag", "--delete", "v1.4.1")
    stage.attach(order(stage, "HEAD"))

    verified, warning = stage.look()

    assert (verified.status, warning.status) == (Status.PASS, Status.WARN)
    assert "this clone has no tag for 1.4.1" in warning.message


@pytest.mark.parametrize(
    ("url", "compared"),
    [
        (f"https://github.com/{REPOSITORY}.git", True),
        (f"https://user:secret@github.com/{REPOSITORY.lower()}", True),
        (f"git@github.com:{REPOSITORY}", True),
        (f"ssh://git@github.com:22/{REPOSITORY}.git", True),
        ("https://github.com/ls1intum/deployments", False),
        (f"https://github.com.evil.example/{REPOSITORY}", False),
        (f"https://git.example/{REPOSITORY}.git", False),
    ],
)
def test_pins_may_be_kept_apart_from_the_source(stage: Stage, url: str, *, compared: bool) -> None:
    """A repository of deployments has no commits of the application; its own tags say nothing of them."""
    stage.git.git("remote", "add", "origin", url)
    stage.attach(order(stage))

    finding = stage.verdict()

    assert finding.status is Status.PASS
    assert finding.message.endswith("of release 1.4.1" if compared else "this clone is of another repository")


def test_a_commit_that_is_not_named_warns(stage: Stage) -> None:
    """A provenance without source says nothing that could be compared."""
    made = Order(statement(stage.digest, SLSA, {}), claims={"sha": "", "repository": "", "ref": ""})
    stage.attach(made)

    verified, warning = stage.look()

    assert (verified.status, warning.status) == (Status.PASS, Status.WARN)
    assert "its source at an unnamed commit" in verified.message
    assert warning.message.endswith("no commit is named")


def test_a_release_that_is_named_only_once_in_a_run_of_pins(stage: Stage) -> None:
    """The pin was taken back and set again: what counts is the last time, and the commit that names one release."""
    value = (stage.git.path / FILE).read_text()
    stage.git.commit({FILE: f"{NAME}=\n"}, "Take it back for v9.9.9")
    stage.git.commit({FILE: value}, "chore: pin again for v1.4.1")
    stage.git.commit({FILE: f"# note\n{value}"}, "Add a note")
    stage.attach(order(stage))

    [finding] = run_check(
        ImageProvenance(Settings(identity=PATTERN, trust_root=str(stage.git.path / "trusted_root.json"))),
        stage.context(),
    )

    assert finding.message.endswith("of release 1.4.1")


def test_outside_git_it_still_verifies(stage: Stage, tmp_path: Path) -> None:
    """A folder that Coolify deploys to has no git: verified, and said that no release was compared."""
    stage.attach(order(stage))
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / FILE).write_bytes((stage.git.path / FILE).read_bytes())

    finding = stage.verdict(folder)

    assert finding.status is Status.PASS
    assert "release not compared" in finding.message


@pytest.mark.parametrize(("required", "status"), [(False, Status.WARN), (True, Status.FAIL)])
def test_no_provenance(stage: Stage, required: bool, status: Status) -> None:
    """Neither the registry nor GitHub has one: a warning, or a failure where it is required."""
    finding = stage.verdict(required=required, repository=REPOSITORY)

    assert finding.status is status
    assert finding.message == f"{stage.shown}: there is no build provenance"
    assert finding.evidence == {"digest": stage.digest}
    assert len(stage.github.questions) == 1


def test_a_signature_is_no_provenance(stage: Stage) -> None:
    """Another kind of statement does not count, but is mentioned."""
    stage.attach(Order(statement(stage.digest)))

    finding = stage.verdict(required=True)

    assert finding.message.endswith("there is no build provenance, only 1 other statement")


def test_a_provenance_of_another_image_fails(stage: Stage) -> None:
    """Copied from one image to another it proves nothing."""
    stage.attach(Order(provenance("sha256:" + "cd" * 32)))

    finding = stage.verdict()

    assert finding.status is Status.FAIL
    assert finding.message.endswith("the build provenance is about another digest than the pinned one")


def test_a_tampered_provenance_fails(stage: Stage, github: FakeGitHub) -> None:
    """What GitHub hands out is not believed, either."""
    [bundle, other] = stage.sign(order(stage), order(stage, "v1.4.0"))
    bundle["dsseEnvelope"]["payload"] = other["dsseEnvelope"]["payload"]
    github.attestations[stage.digest] = [{"bundle": bundle}]

    finding = stage.verdict(repository=REPOSITORY)

    assert finding.status is Status.FAIL
    assert "the signed bytes, or the signature, were changed" in finding.message


def test_a_wrong_identity_fails(stage: Stage) -> None:
    """Attested, but by somebody else."""
    made = order(stage)
    stage.attach(Order(made.payload, identity="https://github.com/stranger/x/.github/workflows/y.yml@refs/heads/z"))

    finding = stage.verdict()

    assert finding.status is Status.FAIL
    assert "not by who `identity` demands" in finding.message


@pytest.mark.parametrize(
    ("claims", "what"),
    [
        ({"sha": "2" * 40}, "commit"),
        ({"ref": "refs/heads/main"}, "ref"),
        ({"repository": "ls1intum/other"}, "repository"),
    ],
)
def test_a_provenance_that_contradicts_its_certificate_fails(stage: Stage, claims: dict[str, str], what: str) -> None:
    """A workflow can write anything into its statement, but not into its certificate."""
    made = order(stage)
    stage.attach(Order(made.payload, claims={**made.claims, **claims}))

    finding = stage.verdict()

    assert finding.status is Status.FAIL
    assert f"the provenance names another {what} (" in finding.message


def test_another_repository_than_demanded_fails(stage: Stage) -> None:
    """The identity may be a workflow shared by many; the source is then demanded by `repository`."""
    stage.attach(order(stage, repository="ls1intum/other"))

    finding = stage.verdict(repository=REPOSITORY)

    assert finding.status is Status.FAIL
    assert finding.message.endswith("was built from ls1intum/other, not from ls1intum/hephaestus")


def test_a_shared_workflow_without_demanded_repository_warns(stage: Stage) -> None:
    """Anybody may call a shared workflow: the identity alone says nothing of the source."""
    stage.attach(order(stage, repository="ls1intum/other"))

    verified, warning = stage.look()

    assert (verified.status, warning.status) == (Status.PASS, Status.WARN)
    assert "from https://github.com/ls1intum/other by a workflow of another repository" in warning.message


def test_an_unknown_version_of_provenance_is_an_error(stage: Stage) -> None:
    """What cannot be understood is not passed."""
    stage.attach(Order(statement(stage.digest, "https://slsa.dev/provenance/v9", {})))

    finding = stage.verdict()

    assert finding.status is Status.ERROR
    assert "of a version that is not known here: https://slsa.dev/provenance/v9" in finding.message


@pytest.mark.parametrize(
    ("status", "words"),
    [(403, "does not show the attestations of ls1intum/Hephaestus without a token (403)"), (418, "answers with 418")],
)
def test_a_github_that_does_not_answer_is_an_error(stage: Stage, github: FakeGitHub, status: int, words: str) -> None:
    """Whether there is a provenance cannot be said."""
    github.status = status

    finding = stage.verdict(repository=REPOSITORY)

    assert finding.status is Status.ERROR
    assert words in finding.message


def test_a_registry_that_does_not_answer_is_no_matter_if_github_does(stage: Stage, github: FakeGitHub) -> None:
    """A provenance that holds, holds wherever it lies."""
    [bundle] = stage.sign(order(stage))
    github.attestations[stage.digest] = [{"bundle": bundle}]
    stage.registry = RealRegistry("127.0.0.1:9")
    stage.pin()

    assert stage.verdict(repository=REPOSITORY).status is Status.PASS

    github.attestations.clear()
    finding = stage.verdict(repository=REPOSITORY)
    assert finding.status is Status.ERROR
    assert "127.0.0.1:9 could not be reached" in finding.message


def test_without_identity_nothing_is_done(stage: Stage) -> None:
    """A verification without identity proves nothing: the check does not apply, and says how to configure it."""
    [skip] = run_check(ImageProvenance(Settings()), stage.context())

    assert skip.status is Status.SKIP
    assert "no identity is configured" in skip.message


@pytest.mark.parametrize(("required", "status"), [(False, Status.SKIP), (True, Status.ERROR)])
def test_nothing_that_can_verify(
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    required: bool,
    status: Status,
) -> None:
    """Neither the extra nor gh: skipped with the way to install it, or an error where it is required."""
    monkeypatch.setattr(sigstore_door, "is_installed", lambda: False)
    stage.environ = {"PATH": str(stage.git.path)}

    finding = stage.verdict(required=required)

    assert finding.status is status
    assert "neither the extra `verify` nor gh is installed" in finding.message


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"identity": ".*"}, "identity: matches anybody"),
        ({"required": True}, "identity: must be set"),
        ({"workflow": "a.yml"}, "workflow: says nothing without repository"),
        ({"identity": PATTERN, "issuer": ""}, "issuer: must not be empty"),
        ({"identity": PATTERN, "repository": "https://github.com/a/b"}, "repository: must be OWNER/NAME"),
        ({"identity": PATTERN, "trust_root": "x", "refresh_trust_root": True}, "refresh_trust_root: only"),
    ],
)
def test_settings_that_prove_nothing_are_refused(settings: dict[str, Any], words: str) -> None:
    """What would let anybody pass, or contradicts itself, is a configuration error."""
    with pytest.raises(ValueError, match=words):
        Settings(**settings)
