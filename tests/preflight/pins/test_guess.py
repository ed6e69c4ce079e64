"""Which variables are taken for pins."""

from collections.abc import Callable
from pathlib import Path

import pytest

from preflight.compose.read.locate import ComposeSource
from preflight.envfile import Assignment
from preflight.pins.guess import Guess, guess_pins, is_override, looks_like_pin, overrides_of
from preflight.project import ComposeProject, Pin

HEX = "0123456789abcdef" * 4
PINNED = f"ghcr.io/acme/agent@sha256:{HEX}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AGENT", PINNED),
        ("AGENT", f"agent@sha256:{HEX}"),
        ("AGENT", "agent@sha256:short"),
        ("AGENT", "ghcr.io/acme/agent:1"),
        ("AGENT", "123.dkr.ecr.eu-central-1.amazonaws.com/agent:1"),
        ("AGENT", "registry.gitlab.com/acme/agent"),
        ("HEPHAESTUS_AGENT_IMAGE_REFERENCE", ""),
        ("AGENT_IMAGE", "busybox"),
        ("agent_image", None),
        ("IMAGE", "acme/agent:1"),
        ("AGENT_IMAGE_FOR_JOBS", "acme/agent:1"),
    ],
)
def test_images_and_what_should_be_one_are_taken_for_pins(name: str, value: str | None) -> None:
    """A digest, a known registry, or a name that says image makes a pin, even with an empty value."""
    assert looks_like_pin(Assignment(name, value, 1))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("URL", "https://ghcr.io/acme/agent"),
        ("TEXT", "ghcr.io/ is a registry"),
        ("ENABLE_IMAGE", "true"),
        ("UPLOAD_IMAGE", "/var/images"),
        ("IMAGE_SIZE", "1024"),
        ("IMAGE_PULL_POLICY", "always"),
        ("MAX_IMAGES_PER_PAGE", "10/20"[:2]),
        ("IMAGE_TITLE", "a b/c"),
        ("IMAGINE", "acme/agent:1"),
        ("HOST", "example.com/path"),
        ("EMPTY", ""),
    ],
)
def test_other_variables_are_not(name: str, value: str) -> None:
    """Addresses, switches, paths and numbers are no images."""
    assert not looks_like_pin(Assignment(name, value, 1))


def test_files_that_only_a_developer_has_are_overrides() -> None:
    """``.local`` and ``.override`` in a name make an override, of the file whose name is left."""
    assert all(is_override(Path(name)) for name in ("pin.local.env", ".env.local", "pin.override.env", "pin-local.env"))
    assert not any(is_override(Path(name)) for name in ("pin.env", "locale.env", "localhost.env"))
    listed = [Path("/a/pin.env"), Path("/a/pin.local.env"), Path("/b/pin.override.env"), Path("/a/.env.local")]
    assert overrides_of(Path("/a/pin.env"), listed) == (listed[1], listed[2])


@pytest.fixture
def guess(tmp_path: Path) -> Callable[..., Guess]:
    """Looks at a project of the given files; ``compose`` is the compose file."""

    def look(compose: str, **files: str) -> Guess:
        (tmp_path / "compose.yaml").write_text(compose)
        for name, text in files.items():
            (tmp_path / f"{name.replace('_', '.')}.env").write_text(text)
        return guess_pins(ComposeSource.load(ComposeProject(tmp_path), {}), tmp_path)

    return look


def _service(name: str, *entries: str) -> str:
    return f"  {name}: {{image: b, env_file: [{', '.join(entries)}]}}\n"


def test_each_service_that_lists_a_pin_file_gets_a_pin(guess: Callable[..., Guess], tmp_path: Path) -> None:
    """One pin file for two services makes two pins, each with the overrides that its service lists."""
    text = "services:\n" + _service("a", "pin.env", "pin.local.env", "app.env") + _service("b", "app.env", "pin.env")
    found = guess(text, pin=f"AGENT={PINNED}\nOTHER=1\n", app="A=1\n", pin_local=f"AGENT={PINNED}\nX_IMAGE=y\n")
    pin, local = tmp_path / "pin.env", tmp_path / "pin.local.env"
    assert found.pins == [Pin("AGENT", "a", pin, (local,)), Pin("AGENT", "b", pin)]
    assert found.problems == []


def test_of_two_files_the_one_named_like_a_pin_file_is_the_source(guess: Callable[..., Guess], tmp_path: Path) -> None:
    """Where two files define the variable, the one whose name says pin or image holds the truth."""
    text = "services:\n" + _service("a", "agent-image-pin.env", "app.env")
    (tmp_path / "agent-image-pin.env").write_text(f"AGENT_IMAGE={PINNED}\n")
    assert guess(text, app="AGENT_IMAGE=x\n").pins == [Pin("AGENT_IMAGE", "a", tmp_path / "agent-image-pin.env")]


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("pin.env", "an env file cannot be looked at: there is no file "),
        ("images.env", "images.env is listed, but holds no image reference"),
        ("folder", "an env file cannot be looked at: "),
        ("broken.env", "an env file cannot be looked at: "),
        ("'${STAGE}/pin.env'", "which file ${STAGE}/pin.env is depends on a variable"),
    ],
)
def test_what_might_have_been_a_pin_is_never_dropped(
    guess: Callable[..., Guess], tmp_path: Path, entry: str, problem: str
) -> None:
    """A pin file that is missing, empty or unreadable is a problem with the place of its entry, told once."""
    (tmp_path / "folder").mkdir()
    found = guess("services:\n" + _service("a", entry) + _service("b", entry), images="# none\n", broken="A='x\n")
    assert found.pins == []
    [remark] = found.problems
    assert remark.message.startswith(problem)
    assert remark.hint
    assert str(remark.location) == "compose.yaml:2"


def test_other_missing_files_are_nobodys_business(guess: Callable[..., Guess]) -> None:
    """Files that are not named like pin files may be missing, and may be named by variables."""
    found = guess("services:\n" + _service("a", "app.env", "'${STAGE}.env'", "pin.local.env"))
    assert found == Guess()


def test_pins_of_services_whose_profiles_are_off_are_left_out(tmp_path: Path) -> None:
    """A profile of the call or of COMPOSE_PROFILES brings them in, and so does having no others."""
    (tmp_path / "pin.env").write_text(f"AGENT={PINNED}\n")
    compose = tmp_path / "compose.yaml"
    compose.write_text(
        "services:\n  app: {env_file: pin.env}\n  gpu: {env_file: pin.env, profiles: ['${P:-gpu}', big]}\n"
    )

    def services(environ: dict[str, str], profiles: tuple[str, ...] = ()) -> list[str]:
        source = ComposeSource.load(ComposeProject(tmp_path), environ)
        return [pin.service for pin in guess_pins(source, tmp_path, profiles).pins]

    assert services({}) == ["app"]
    assert services({"COMPOSE_PROFILES": "x, big"}) == ["app", "gpu"]
    assert services({}, ("gpu",)) == services({}, ("*",)) == ["app", "gpu"]
    assert services({"P": "other"}, ("gpu",)) == ["app"]

    compose.write_text("services:\n  gpu: {env_file: pin.env, profiles: [gpu]}\n")
    assert services({}) == ["gpu"]
