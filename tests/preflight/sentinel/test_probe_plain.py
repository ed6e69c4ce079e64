"""preflight/sentinel/probe.py and mirror.py, on plain projects."""

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from preflight.compose.ask.answer import ServiceAnswer
from preflight.errors import CouldNotLook
from preflight.project import Pin
from preflight.sentinel import probe
from preflight.sentinel.probe import PREFIX
from tests.preflight.sentinel.state import production
from tests.real.cli import PreflightCli
from tests.real.compose import COMPOSE_VERSIONS, docker_config
from tests.real.engine import RealEngine

PIN = "AGENT_IMAGE=ghcr.io/example/agent@sha256:" + "1" * 64 + "\n"
COMPOSE = """\
services:
  app:
    image: {image}
    container_name: probe-production
    network_mode: host
    volumes: [data:/data, "/srv/none:/none"]
    environment: {{OTHER: "1"}}
    env_file:
      - path: {entry}
        required: false
volumes: {{data: {{}}}}
"""


class Project:
    """A checkout with a pin, and the tool that looks at it."""

    def __init__(self, folder: Path, engine: RealEngine, cli: PreflightCli) -> None:
        self.folder, self.engine, self.cli = folder, engine, cli
        self.temporary = folder.parent / "temporary"
        self.temporary.mkdir()
        self.write(entry="./docker/pin.env")

    def write(self, *, entry: str, add: str = "", compose: str = COMPOSE) -> None:
        """Write the project."""
        (self.folder / "docker").mkdir(parents=True, exist_ok=True)
        (self.folder / "preflight.yaml").write_text(
            "pins: [{variable: AGENT_IMAGE, service: app, file: docker/pin.env}]\n"
            "compose: {files: [compose.yaml]}\ncoolify: {root: none}\n"
        )
        (self.folder / "docker/pin.env").write_text(PIN)
        (self.folder / "compose.yaml").write_text(compose.format(image=self.engine.image, entry=entry) + add)

    def probe(self, *arguments: str, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Probe; production, the checkout and the temporary files are afterwards what they were before."""
        before, files = production(self.engine), self.content()
        environ = {**self.engine.environ, "TMPDIR": str(self.temporary), **(env or {})}
        done = self.cli("sentinel", "probe", *arguments, cwd=self.folder, env=environ)
        assert production(self.engine) == before
        assert self.content() == files
        assert not list(self.temporary.glob(f"{PREFIX}*"))
        return done.returncode, done.stdout, done.stderr

    def content(self) -> dict[str, bytes]:
        """Every file of the checkout."""
        return {str(path): path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}


@pytest.fixture
def project(engine: RealEngine, preflight_cli: PreflightCli, tmp_path: Path) -> Project:
    """A project whose service reads its pin file."""
    return Project(tmp_path / "checkout", engine, preflight_cli)


def test_the_sentinel_arrives(project: Project) -> None:
    """Exit 0, and which file it came through; nothing is left of the container and the copy."""
    code, said, errors = project.probe()

    place = project.folder / "docker/pin.env"
    assert (code, errors) == (0, "")
    assert said == f"app: the sentinel arrives, as `docker compose up` here, through {place}\n"


@pytest.mark.parametrize("version", COMPOSE_VERSIONS)
def test_every_compose_is_understood(project: Project, version: str) -> None:
    """Before 2.24.0 the long form is refused, and told; 2.24.7 shows nothing of env files, so it is no proof."""
    code, said, errors = project.probe(env={"DOCKER_CONFIG": str(docker_config(version))})

    wanted = {"2.23.3": (1, "does not know the long form"), "2.24.7": (3, "does not tell what it takes from env files")}
    assert (code, wanted.get(version, (0, "the sentinel arrives"))[1] in said + errors) == (
        wanted.get(version, (0, ""))[0],
        True,
    )


def test_a_service_that_does_not_read_the_file(project: Project) -> None:
    """First it does, then its entry names another file."""
    assert project.probe()[0] == 0
    project.write(entry="./pin.env")

    code, said, _ = project.probe()

    assert code == 1
    assert "app: the sentinel does not arrive, as `docker compose up` here" in said
    assert "List pin.env in env_file: of app" in said


def test_a_shadowed_pin_is_no_pass(project: Project) -> None:
    """The sentinel arrives, the pin does not: its value in `environment:` is not shown."""
    text = COMPOSE.replace('OTHER: "1"', "AGENT_IMAGE: topsecret")
    project.write(entry="./docker/pin.env", compose=text)

    code, said, errors = project.probe()

    assert code == 1
    assert "but AGENT_IMAGE has another value than in the file" in said
    assert "topsecret" not in said + errors


def test_absolute_paths_and_links_lead_into_the_copy(project: Project) -> None:
    """`env_file:` may name the file from the root, or a link to it."""
    project.write(entry=str(project.folder / "docker/pin.env"))
    assert project.probe()[0] == 0
    (project.folder / "link.env").symlink_to("docker/pin.env")
    project.write(entry="./link.env")
    assert project.probe()[0] == 0


def test_files_above_the_project_are_found(project: Project) -> None:
    """`../` works in the copy as it does in the original; so do `extends:` and `include:`."""
    (project.folder.parent / "base.yaml").write_text("services: {base: {env_file: [checkout/docker/pin.env]}}\n")
    project.write(entry="../nothing.env", add="    extends: {}\n")
    text = (project.folder / "compose.yaml").read_text().replace("    extends: {}\n", "")
    text = text.replace("  app:\n", "  app:\n    extends: {file: ../base.yaml, service: base}\n")
    (project.folder / "compose.yaml").write_text(text)

    assert project.probe()[0] == 0


def test_a_project_that_compose_refuses(project: Project) -> None:
    """Its words, without the folder of the copy, and exit 1: `up` would fail alike."""
    project.write(entry="./docker/pin.env", add="networks: {1: {nonsense: true}}\n")

    code, said, _ = project.probe()

    assert code == 1
    assert "Compose refuses the project: " in said
    assert PREFIX not in said


def test_an_armed_file_is_probed_with_a_token_of_the_probe(project: Project) -> None:
    """The file stays armed."""
    assert project.cli("sentinel", "arm", cwd=project.folder).returncode == 0
    assert project.probe()[0] == 0
    assert b"PREFLIGHT_SENTINEL" in (project.folder / "docker/pin.env").read_bytes()


def test_a_service_that_is_switched_off(project: Project) -> None:
    """Exit 3: nothing was looked at."""
    project.write(entry="./docker/pin.env", add="")
    text = (project.folder / "compose.yaml").read_text().replace("  app:\n", "  app:\n    profiles: [never]\n")
    (project.folder / "compose.yaml").write_text(text)

    code, _, errors = project.probe()

    assert code == 3
    assert "Compose makes no service app of this project" in errors


def test_no_pin_file(project: Project) -> None:
    """Exit 3, in one line."""
    (project.folder / "docker/pin.env").unlink()

    code, _, errors = project.probe()

    assert (code, errors.count("\n")) == (3, 1)
    assert "there is no pin file docker/pin.env" in errors


def test_no_engine(project: Project) -> None:
    """Exit 3; no container is made anywhere."""
    code, said, errors = project.probe(env={"DOCKER_HOST": "unix:///nowhere.sock"})

    assert (code, said) == (3, "")
    assert "no Docker engine" in errors


def test_no_room_for_the_copy(project: Project) -> None:
    """Exit 3, and how to name another folder."""
    code, _, errors = project.probe(env={"TMPDIR": "/proc/nothing", "TEMP": "", "TMP": ""})

    assert code in (0, 3)  # Python falls back on /tmp where it can
    assert code == 0 or "TMPDIR" in errors


def test_an_image_with_a_volume_makes_none(project: Project) -> None:
    """An engine makes a volume for such an image as soon as the container is made; the probe's has none."""
    engine, name = project.engine, f"probe-volume-{os.getpid()}:local"
    made = engine.docker("create", "--network", "none", engine.image, "true").stdout.strip()
    engine.docker("commit", "--change", "VOLUME /data", made, name)
    engine.docker("rm", made)
    try:
        text = (project.folder / "compose.yaml").read_text().replace(engine.image, name)
        (project.folder / "compose.yaml").write_text(text)
        assert project.probe()[0] == 0
    finally:
        engine.docker("rmi", name)


def test_a_sentinel_of_somebody_else(project: Project) -> None:
    """A second one, as a forgotten override has it: said as what it is."""
    project.write(entry="./docker/pin.env", compose=COMPOSE.replace('OTHER: "1"', "PREFLIGHT_SENTINEL: x"))

    code, said, _ = project.probe()

    assert code == 1
    assert "app: something else gives it a PREFLIGHT_SENTINEL of its own" in said


def test_a_path_that_leads_out_of_the_copy_is_no_verdict(project: Project) -> None:
    """An absolute path put together from a variable reaches the original: exit 3, not 1."""
    project.write(entry="${PIN_FOLDER}/pin.env")

    code, said, errors = project.probe(env={"PIN_FOLDER": str(project.folder / "docker")})

    assert (code, said) == (3, "")
    assert "env_file: of app seems to name the pin file, but not in a way that a copy can follow" in errors


def test_the_home_folder_leads_into_the_copy(project: Project) -> None:
    """`~` in `env_file:`."""
    project.write(entry="~/docker/pin.env")
    assert project.probe(env={"HOME": str(project.folder)})[0] == 0


def test_compose_files_that_the_environment_names(project: Project) -> None:
    """COMPOSE_FILE counts as for `docker compose up`, with absolute paths too."""
    text = (project.folder / "preflight.yaml").read_text().replace("compose: {files: [compose.yaml]}\n", "")
    (project.folder / "preflight.yaml").write_text(text)
    (project.folder / "compose.yaml").rename(project.folder / "production.yaml")
    assert project.probe(env={"COMPOSE_FILE": str(project.folder / "production.yaml")})[0] == 0
    assert project.probe(env={"COMPOSE_FILE": "production.yaml"})[0] == 0


def test_an_env_file_that_is_none(project: Project) -> None:
    """Compose refuses the pin file: exit 1, with the place in the original."""
    (project.folder / "docker/pin.env").write_text(PIN + "A='\n")

    code, said, _ = project.probe()

    assert code == 1
    assert "Compose refuses the project: " in said


def test_an_image_that_is_not_here(project: Project) -> None:
    """Any that is here will do: nothing is pulled."""
    text = (project.folder / "compose.yaml").read_text().replace(project.engine.image, "registry.invalid/none:1")
    (project.folder / "compose.yaml").write_text(text)
    assert project.probe()[0] == 0


def test_a_host_without_any_image() -> None:
    """Said, and which to pull."""
    engine: Any = SimpleNamespace(find_image=lambda *_: None, images=lambda _: ())
    ctx: Any = SimpleNamespace(doors=SimpleNamespace(engine=engine), deadline=None)
    plan: Any = SimpleNamespace(images=("sha256:1",), pin=Pin("A", "app", Path("/a")))
    with pytest.raises(CouldNotLook, match="this host has no image at all"):
        probe._image(ctx, plan, ServiceAnswer("app", {}, None, {}))
