"""checks/ghcr_tag_retention.py against a real registry."""

from pathlib import Path

import pytest

from preflight.model import Status
from tests.checks.ghcr_tag_retention.scene import FILE, NAME, Scene, statuses, wrong
from tests.real.git import GitRepository
from tests.real.registry import RealRegistry


@pytest.mark.registry
def test_real_tag_of_the_pinned_release_moves_away(real: Scene, registry: RealRegistry) -> None:
    """All is well, then one tag is pushed anew: the digest still answers, but its release is another image."""
    before = real.git.git("show", f"HEAD:{FILE}").rpartition("@")[2]
    after = registry.push_image(real.repository, "1.3.0", content="moved")

    held, kept, moved = real.look()

    assert (held.code, kept.status, moved.code) == ("not-held", Status.PASS, "pinned-moved")
    assert held.message.endswith("answers, but none of the 4 release tags points at it")
    assert moved.message.startswith(f"tag 1.3.0 was moved: it points at {after[:19]}…, but commit ")
    assert moved.message.endswith(f" pinned {before[:19]}… for it")
    assert f"imagetools create --tag {registry.host}/{real.repository}:1.3.0 " in moved.hint
    assert (moved.evidence["points_at"], moved.evidence["digest"]) == (after, before)


@pytest.mark.registry
def test_real_pruned_never_published_and_present(real: Scene, registry: RealRegistry) -> None:
    """What was pinned once is pruned; what lies between is missing; what is older than all was never published."""
    real.git.tag("v0.1.0", "v0.2.0", "v1.2.5")
    registry.push_image(real.repository, "1.2.5", content="2.5")
    held, kept, told = real.look()
    assert (held.status, kept.status, told.status) == (Status.PASS, Status.PASS, Status.SKIP)
    assert told.message.endswith("2 releases before 1.0.0 not judged: never published, it seems")

    for minor, content in (("1.2.5", "2.5"), ("1.0.0", "0")):
        registry.delete(real.repository, registry.push_image(real.repository, minor, content=content))
    _, kept, *gone = real.look()

    assert [(each.code, str(each.subject)) for each in gone[:2]] == [
        ("pruned", "release 1.0.0"),
        ("missing", "release 1.2.5"),
    ]
    assert kept.evidence["present"] == ["1.3.0", "1.2.0", "1.1.0"]
    assert kept.evidence["unpublished"] == ["0.2.0", "0.1.0"]


@pytest.mark.registry
def test_real_rollback(real: Scene, registry: RealRegistry) -> None:
    """The pin goes back by one release: a pass that names it."""
    real.git.git("revert", "--no-edit", "HEAD")
    older = real.git.git("show", f"HEAD:{FILE}").rpartition("@")[2]

    held, kept = real.look()

    assert (held.status, kept.status) == (Status.PASS, Status.PASS)
    assert (
        f"release tag 1.2.0 points at the digest; rolled back to 1.2.0 by {real.git.git('rev-parse', 'HEAD')[:7]}"
        in held.message
    )
    assert held.evidence["digest"] == older
    assert registry.host in held.message


@pytest.mark.registry
def test_real_digest_held_by_no_release_tag(real: Scene, registry: RealRegistry) -> None:
    """The pin names an image that only `latest` points at: it is what clean-ups delete first."""
    real.pin(registry.push_image(real.repository, "latest", content="by hand"), "Pin what works")

    held, kept = real.look()

    assert (held.status, kept.status) == (Status.FAIL, Status.PASS)
    assert held.message.endswith("answers, but none of the 4 release tags points at it")


@pytest.mark.registry
def test_real_registry(git_repository: GitRepository, registry: RealRegistry, tmp_path: Path) -> None:
    """Against a real registry: all there, then a release is deleted, then the pinned digest itself."""
    repository = "preflight-tests/retention"
    digests = [registry.push_image(repository, f"1.{minor}.0", content=str(minor)) for minor in range(3)]
    git_repository.commit({FILE: f"{NAME}={registry.host}/{repository}@{digests[2]}\n"})
    git_repository.tag("v1.0.0", "v1.1.0", "v1.2.0")
    stage = Scene(git_repository, registry.host, {"DOCKER_CONFIG": str(tmp_path)})
    assert statuses(stage.look()) == [Status.PASS, Status.PASS]

    registry.delete(repository, digests[1])
    assert wrong(stage.look()) == [("fail", "missing", "release 1.1.0")]

    registry.delete(repository, digests[2])
    gone = stage.look()[0]
    assert (gone.status, gone.code) == (Status.FAIL, "digest-not-found")
