"""preflight/coolify/judge/cleanup.py: the rules by version and store; the check's own tests clean up for real."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from preflight.coolify.judge.cleanup import CleanupRules, Holder, KeptImage, look_at_kept_image
from preflight.coolify.settings import CoolifySettings
from preflight.engine.container import Container
from preflight.engine.image_store import LocalImage, StoredImage, StoreKind
from preflight.errors import DoesNotApply
from preflight.lib.reference import parse_reference
from preflight.testing import fake_context

NAME, OTHER = "ghcr.io/acme/agent", "ghcr.io/acme/copy"
DIGEST = "sha256:" + "a" * 64
REFERENCE = f"{NAME}@{DIGEST}"
ID = "sha256:" + "b" * 64
MANAGED = {"coolify.managed": "true"}
SERVICE = {"com.docker.compose.service": "app"}
ALL_UNUSED, ALL_TAGS, PRESENT = CleanupRules


def container(state: str = "running", image: str = ID, name: str = "one", **labels: str) -> Container:
    """A container of an image."""
    named = {key.replace("_", "."): value for key, value in labels.items()}
    return Container("1" * 64, name, "x", state, "", datetime.now(UTC), named, image)


def coolify(version: str = "4.3.11") -> Container:
    """One that a Coolify of that version made; of raw mode, which labels no version, where that is empty."""
    labels = {**MANAGED, **({"coolify.version": version} if version else {})}
    return container(image="sha256:other", name="coolifys", **{key.replace(".", "_"): v for key, v in labels.items()})


@dataclass
class Store:
    """An engine with one image, or none."""

    tags: tuple[str, ...] = ()
    digests: tuple[str, ...] = (REFERENCE,)
    labels: Mapping[str, str] | None = None
    kind: StoreKind = StoreKind.CLASSIC
    listed: tuple[Container, ...] = (coolify(),)
    there: bool = True
    stored: StoredImage | None = None

    def containers(self, labels: Mapping[str, str], _deadline: Any) -> tuple[Container, ...]:
        """Return those with the labels."""
        return tuple(each for each in self.listed if labels.items() <= each.labels.items())

    def find_image(self, _reference: str, _deadline: Any) -> LocalImage | None:
        """Return it."""
        return LocalImage(ID, self.tags, self.digests, dict(self.labels or {})) if self.there else None

    def image(self, _digest: str, _deadline: Any) -> StoredImage | None:
        """Return how it is named otherwise."""
        return self.stored

    def store(self, _deadline: Any) -> StoreKind:
        """Return how it keeps images."""
        return self.kind


def look(store: Store, folder: Path = Path("/nowhere"), **settings: Any) -> KeptImage:
    """Look at the image."""
    from types import SimpleNamespace

    door = SimpleNamespace(settings=CoolifySettings(root=folder / "coolify", **settings))
    return look_at_kept_image(fake_context(engine=store, coolify=door), parse_reference(REFERENCE))


@pytest.mark.parametrize(
    ("version", "doomed"),
    [
        ("", (ALL_UNUSED, ALL_TAGS, PRESENT)),
        ("nightly", (ALL_UNUSED, ALL_TAGS, PRESENT)),
        ("4.0.0-beta.452", (ALL_UNUSED, ALL_TAGS, PRESENT)),
        ("4.0.0-beta.453", (ALL_TAGS, PRESENT)),
        ("4.0.0-beta.465", (ALL_TAGS, PRESENT)),
        ("4.0.0-beta.466", (PRESENT,)),
        ("4.3.11", (PRESENT,)),
    ],
)
def test_which_rules_may_be_in_force(version: str, doomed: tuple[CleanupRules, ...]) -> None:
    """A container tells of the Coolify that made it; today's is that one or newer."""
    assert look(Store(listed=(coolify(version),))).doomed == doomed


@pytest.mark.parametrize(
    ("tags", "labels", "kind", "doomed"),
    [
        ((), {}, StoreKind.CLASSIC, (ALL_UNUSED, ALL_TAGS, PRESENT)),
        ((), MANAGED, StoreKind.CLASSIC, (ALL_TAGS, PRESENT)),
        ((), {}, StoreKind.CONTAINERD, (ALL_UNUSED,)),
        ((f"{NAME}:1",), {}, StoreKind.CLASSIC, (ALL_UNUSED, ALL_TAGS, PRESENT)),
        ((f"{NAME}:1",), MANAGED, StoreKind.CLASSIC, (ALL_TAGS,)),
        ((f"{NAME}:1",), MANAGED, StoreKind.CONTAINERD, (ALL_TAGS,)),
    ],
)
def test_what_is_deleted(
    tags: tuple[str, ...], labels: dict[str, str], kind: StoreKind, doomed: tuple[CleanupRules, ...]
) -> None:
    """By tag, label and store."""
    assert look(Store(tags, labels=labels, kind=kind, listed=(coolify(""),))).doomed == doomed


@pytest.mark.parametrize(
    ("state", "labels", "holder"),
    [
        ("running", SERVICE, Holder("one", "running", lasting=True)),
        ("exited", SERVICE, Holder("one", "exited", lasting=True)),
        ("created", {}, Holder("one", "created", lasting=True)),
        ("running", {}, Holder("one", "running", lasting=False)),
        ("running", {**SERVICE, "com.docker.compose.oneoff": "True"}, Holder("one", "running", lasting=False)),
        ("running", {**SERVICE, **MANAGED}, Holder("one", "running", lasting=True)),
        ("exited", {**SERVICE, **MANAGED}, None),
        ("created", MANAGED, None),
    ],
)
def test_who_keeps_an_image(state: str, labels: dict[str, str], holder: Holder | None) -> None:
    """A stopped container that Coolify manages goes first in the clean-up, so it keeps nothing."""
    one = container(state, **{key.replace(".", "_"): value for key, value in labels.items()})

    found = look(Store(listed=(coolify(), one)))

    assert found.holders == ((holder,) if holder else ())
    assert found.held is (holder is not None and holder.lasting)


def test_lasting_containers_come_first() -> None:
    """Those of other images keep nothing."""
    listed = (coolify(), container(name="job"), container("created", name="kept"), container(image="sha256:x"))

    assert [each.name for each in look(Store(listed=listed)).holders] == ["kept", "job"]


@pytest.mark.parametrize(
    ("tags", "digests", "unnamed"),
    [
        ((), (REFERENCE,), ()),
        ((), (REFERENCE, f"{OTHER}@{DIGEST}"), (PRESENT,)),
        ((f"{NAME}:1", f"{OTHER}:1"), (REFERENCE, f"{OTHER}@{DIGEST}"), (PRESENT,)),
        ((f"{NAME}:1",), (REFERENCE,), ()),
    ],
)
def test_names_of_several_repositories(
    tags: tuple[str, ...], digests: tuple[str, ...], unnamed: tuple[CleanupRules, ...]
) -> None:
    """A container holds the image, not each of its names; containerd's store keeps them apart."""
    listed = (coolify(), container(com_docker_compose_service="app"))

    assert look(Store(tags, digests, listed=listed)).unnamed == unnamed
    assert look(Store(tags, digests, listed=listed, kind=StoreKind.CONTAINERD)).unnamed == ()


def test_an_image_that_is_not_here() -> None:
    """It may be here under another name, which does not help who asks by this one."""
    assert look(Store(there=False)) == KeptImage(REFERENCE, None, (), StoreKind.CLASSIC)
    stored = StoredImage((f"{OTHER}:1",), (f"{OTHER}@{DIGEST}",))

    assert look(Store(there=False, stored=stored)).elsewhere == (f"{OTHER}:1", f"{OTHER}@{DIGEST}")


def test_without_coolify_nothing_is_cleaned_up(tmp_path: Path) -> None:
    """A managed container, the folder, or the configuration tells that it is here."""
    with pytest.raises(DoesNotApply, match="no Coolify here"):
        look(Store(listed=()), tmp_path)

    assert look(Store(listed=()), tmp_path, application="aaaa0000bbbb1111cccc2222").image is not None
    (tmp_path / "coolify").mkdir()
    assert look(Store(listed=()), tmp_path).image is not None
