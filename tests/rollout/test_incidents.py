"""The twelve incidents of an operator: what the gate says before the rollout, and what is said once it happened."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from provision.sample import PIN_FILE, RELEASES, REPOSITORY, VARIABLE

from tests.rollout.deploy_host import CONTAINER, DeployHost

pytestmark = [pytest.mark.engine, pytest.mark.compose, pytest.mark.registry]

FOREIGN = "ghcr.io/acme/agent:latest"
LISTED = "      - path: agent-image-pin.env\n        required: false\n"
OLDER, PINNED = RELEASES[-2:]
Environ = Mapping[str, str]
Happens = Callable[[DeployHost, Path], Environ]


def in_environment(host: DeployHost, _folder: Path) -> Environ:
    """Somebody writes the variable out under `environment:`."""
    host.sample.shadow(FOREIGN)
    host.commit()
    return {}


def in_dotenv(host: DeployHost, _folder: Path) -> Environ:
    """`environment:` interpolates the variable, and `.env` on the host has it."""
    host.sample.shadow(f"${{{VARIABLE}}}")
    host.commit()
    (host.sample.compose_file.parent / ".env").write_text(f"{VARIABLE}={FOREIGN}\n")
    return {}


def in_shell(host: DeployHost, _folder: Path) -> Environ:
    """`environment:` only names the variable, and the shell of whoever deploys has it."""
    host.sample.shadow("")
    host.commit()
    return {VARIABLE: FOREIGN}


def override_left(host: DeployHost, _folder: Path) -> Environ:
    """A developer's own choice was left on the host."""
    (host.sample.compose_file.parent / "agent-image-pin.local.env").write_text(f"{VARIABLE}={FOREIGN}\n")
    return {}


def short_form(host: DeployHost, _folder: Path) -> Environ:
    """`env_file:` loses its long form."""
    host.rewrite(LISTED, "      - agent-image-pin.env\n")
    host.commit()
    return {}


def by_tag(host: DeployHost, _folder: Path) -> Environ:
    """The pin names a tag."""
    host.pin(f"{host.registry.host}/{REPOSITORY}:{PINNED}")
    host.commit(f"Pin the agent image for v{PINNED} again")
    return {}


def uncommitted(host: DeployHost, _folder: Path) -> Environ:
    """Somebody edits the pin on the host."""
    host.pin(pinned_for(host, OLDER))
    return {}


def digest_gone(host: DeployHost, _folder: Path) -> Environ:
    """A clean-up deletes the pinned image."""
    host.registry.delete(REPOSITORY, pinned_for(host, PINNED).partition("@")[2])
    return {}


def release_pruned(host: DeployHost, _folder: Path) -> Environ:
    """A clean-up deletes another release than the pinned one."""
    host.registry.delete(REPOSITORY, pinned_for(host, OLDER).partition("@")[2])
    return {}


def tag_moved(host: DeployHost, _folder: Path) -> Environ:
    """Somebody pushes another image under the tag of the pinned release."""
    host.registry.push_image(REPOSITORY, PINNED, content="something else")
    return {}


def container_gone(host: DeployHost, _folder: Path) -> Environ:
    """Somebody removes the container."""
    host.engine.docker("rm", "--force", CONTAINER)
    return {}


def compose_v1(host: DeployHost, folder: Path) -> Environ:
    """The host has nothing but the Python Compose, which ended in 2023.

    A script stands in for it: its dependencies do not build for a current Python. It answers `config` as 1.29.2 answers
    an option that it does not know.
    """
    program = folder / "docker-compose"
    program.write_text(
        "#!/bin/sh\n"
        "[ \"$1\" = version ] && { echo 'docker-compose version 1.29.2, build 5becea4c'; exit 0; }\n"
        "echo 'Usage: config [options]' >&2; exit 1\n"
    )
    program.chmod(0o755)
    git = shutil.which("git", path=host.engine.environ["PATH"])
    assert git is not None
    (folder / "git").symlink_to(git)
    return {"PATH": str(folder)}


@dataclass(frozen=True)
class Incident:
    """One incident, and ID/CODE of what is said of it.

    Args:
        happens: Makes it happen; returns what the environment has for it.
        before: What fails before a rollout; empty where the rollout goes through.
        after: What fails after it, beside ``before``.
        warned: What is warned of before, beside that.
        deployed: Whether it is rolled out between the two runs, against the gate's advice or with its consent.
    """

    happens: Happens
    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    warned: frozenset[str] = frozenset()
    deployed: bool = field(default=False, kw_only=True)


SHADOWED = frozenset({"env-shadowing/environment"})
ARRIVED = frozenset({"coolify-env-file/foreign-value"})
PRUNED = frozenset({"ghcr-tag-retention/pruned"})
INCIDENTS = (
    Incident(in_environment, SHADOWED, ARRIVED, deployed=True),
    Incident(in_dotenv, SHADOWED, ARRIVED, deployed=True),
    Incident(in_shell, SHADOWED, ARRIVED, deployed=True),
    Incident(override_left, frozenset({"pin-file/override", "env-shadowing/later-file"}), ARRIVED, deployed=True),
    Incident(short_form, frozenset({"env-file-syntax/short-form"}), deployed=True),
    Incident(by_tag, frozenset({"pin-file/tag"}), deployed=True),
    Incident(
        uncommitted,
        frozenset({"pin-file/uncommitted", "pin-freshness/edited"}),
        warned=frozenset({"ghcr-tag-retention/older-release"}),
        deployed=True,
    ),
    Incident(digest_gone, frozenset({"ghcr-tag-retention/digest-not-found"})),
    Incident(release_pruned, after=PRUNED, warned=PRUNED),
    Incident(tag_moved, frozenset({"ghcr-tag-retention/not-held", "ghcr-tag-retention/pinned-moved"})),
    Incident(container_gone, after=frozenset({"coolify-env-file/not-running"})),
    Incident(compose_v1, frozenset({"compose-version/compose-v1"})),
)


def pinned_for(host: DeployHost, release: str) -> str:
    """Return the value that the release job pinned for a release."""
    commit = host.repository.git("log", "--format=%H", "--fixed-strings", f"--grep=Pin the agent image for v{release}")
    return host.repository.git("show", f"{commit}:{PIN_FILE}").rpartition("=")[2]


@pytest.fixture
def restored(host: DeployHost) -> Iterator[DeployHost]:
    """The deploy host, as it was again when the test ends."""
    commit = host.repository.git("rev-parse", "HEAD")
    yield host
    host.reset(commit)
    for release in RELEASES:
        host.registry.push_image(REPOSITORY, release, content=release)
    host.deploy()


@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda incident: incident.happens.__name__)
def test_an_incident(restored: DeployHost, incident: Incident, tmp_path: Path) -> None:
    """It is named before and after by its codes, and by nothing else; what only follows from it points to it."""
    environ = incident.happens(restored, tmp_path)

    before = restored.ask("before", environ)
    if incident.deployed:
        restored.deploy(environ)
    after = restored.ask("after", environ)

    assert before.codes("fail", "error") == incident.before
    assert before.codes("warn") == incident.warned
    assert before.exit_code == (1 if incident.before else 0)
    assert after.codes("fail", "error") == incident.before | incident.after
    assert after.codes("warn") == incident.warned - incident.after
    assert after.exit_code == 1


def test_after_the_incidents_all_is_well(host: DeployHost) -> None:
    """None of them was left behind, so each was judged alone."""
    answer = host.ask("after")
    assert (answer.exit_code, answer.codes("fail", "error", "warn")) == (0, set())
