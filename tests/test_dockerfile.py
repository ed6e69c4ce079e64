"""Tests of docker/Dockerfile that build nothing; `make image-test` builds it and runs what was built."""

import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from checks import compose_version
from preflight.version import __version__

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")
LINES = TEXT.splitlines()
IGNORE = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]


def instructions(name: str) -> list[str]:
    """Return what follows each instruction of a name, continued lines joined."""
    joined = re.sub(r"\\\n\s*", "", "\n".join(line for line in LINES if not line.startswith("#")))
    return [line.removeprefix(name).strip() for line in joined.splitlines() if line.startswith(f"{name} ")]


def sent(path: str) -> bool:
    """Tell whether a file of the checkout is sent to the engine: the last line that fits decides, for folders too."""
    answer = True
    for line in IGNORE:
        pattern = line.removeprefix("!").removeprefix("**/")
        parts = Path(path).parts
        if line.lstrip("!").startswith("**/"):
            fits = any(fnmatchcase(part, pattern) for part in parts)
        else:
            fits = any(fnmatchcase("/".join(parts[: n + 1]), pattern) for n in range(len(parts)))
        if fits:
            answer = line.startswith("!")
    return answer


def sources() -> list[str]:
    """Return what is copied out of the checkout."""
    return [word for line in instructions("COPY") if "--from=" not in line for word in line.split()[:-1]]


def test_every_argument_is_explained() -> None:
    """Above every ARG, or above the block of them it stands in, a comment says what it is for, or a default does."""
    for number, line in enumerate(LINES):
        if line.startswith("ARG "):
            above = [text for text in LINES[:number] if not text.startswith("ARG ")]
            before = LINES[number - 1]
            explained = before.startswith("#") or (before.startswith("ARG ") and above[-1].startswith("#"))
            assert explained or line == f"ARG VERSION={__version__}", line


def test_the_label_tells_the_version_of_the_tool() -> None:
    """VERSION follows preflight/version.py."""
    assert f"VERSION={__version__}" in instructions("ARG")


def test_nothing_is_built_on_a_name_that_moves_freely() -> None:
    """Every stage starts from the base that the argument names, which carries a version."""
    assert {line.split()[0] for line in instructions("FROM")} == {"${BASE}"}
    assert "BASE=python:3.13-slim-trixie" in instructions("ARG")
    assert "latest" not in TEXT


@pytest.mark.parametrize("source", sources())
def test_what_is_copied_is_there_and_is_sent(source: str) -> None:
    """A COPY finds its source: in the checkout, and not kept back by .dockerignore."""
    path = ROOT / source
    files = [path] if path.is_file() else [file for file in path.rglob("*.py") if "__pycache__" not in file.parts]
    assert files
    assert all(sent(str(file.relative_to(ROOT))) for file in files)


@pytest.mark.parametrize(
    "path",
    [".git/config", ".env", ".venv/bin/python", ".cache/x", "tests/conftest.py", "docker/demo.py", "secret.txt",
     "preflight/__pycache__/check.cpython-313.pyc", "docker/Dockerfile"],
)  # fmt: skip
def test_nothing_else_is_sent(path: str) -> None:
    """History, caches, tests and a developer's own files never reach the engine."""
    assert not sent(path)


def test_the_schema_of_reports_is_sent() -> None:
    """Files of the package that are no Python go with it."""
    assert sent("preflight/run/reporters/schema.json")


def test_every_package_comes_from_a_lock() -> None:
    """Whatever pip fetches has a hash of requirements/; the tool itself is built without a look at the network."""
    [step] = [text for text in instructions("RUN") if "venv" in text]
    fetching = [part for part in step.split("&&") if "--requirement" in part]
    assert len(fetching) == 2
    assert all("${locked}" in part for part in fetching)
    assert 'locked="--require-hashes --only-binary :all:"' in step
    building = [part for part in step.split("&&") if "pip wheel" in part or "/opt/wheels/*" in part]
    assert len(building) == 2
    assert all("--no-deps --no-index" in part for part in building)
    assert len(re.findall(r"pip (?:wheel|install)|\$\{into\}", step)) == 4


def test_each_lock_that_an_argument_names_is_there() -> None:
    """``EXTRAS`` chooses a lock by name, and refuses what no lock is made for."""
    [step] = [text for text in instructions("RUN") if "EXTRAS" in text]
    locks = re.findall(r"lock=(\w+)", step)
    assert locks == ["run", "verify"]
    assert all(f"requirements/{lock}.txt" in sources() for lock in locks)
    assert "exit 1" in step


def test_it_does_not_run_as_root() -> None:
    """The last USER is the number of the user that was made."""
    assert instructions("USER")[-1] == "${PREFLIGHT_UID}:${PREFLIGHT_UID}"
    [uid] = [line.partition("=")[2] for line in instructions("ARG") if line.startswith("PREFLIGHT_UID=")]
    assert int(uid) > 0


def test_signals_reach_the_tool() -> None:
    """Tini is the first process, without a shell in between."""
    assert instructions("ENTRYPOINT") == ['["/usr/bin/tini", "--", "/usr/local/bin/preflight"]']


def test_its_own_compose_is_marked_as_such() -> None:
    """The mark that compose-version looks for is made, in the folder over which the host's plugins are mounted."""
    mark = re.search(rf"{compose_version._OWN}=(\S+)", TEXT)
    assert mark
    assert f"touch {mark[1]}" in TEXT
    assert str(Path(mark[1]).parent) in compose_version._MOUNT


def test_the_hook_finds_its_state_folder() -> None:
    """The variable names a folder that is made, into which any user may write, and which the sidecar mounts over."""
    [folder] = re.findall(r"PREFLIGHT_STATE_DIR=(\S+)", TEXT)
    assert f"install -d -m 1777 {folder}" in TEXT
    for name in ("compose.preflight.yaml", "compose.preflight-proxy.yaml"):
        assert f":{folder}\n" in (ROOT / "docker" / "coolify" / name).read_text(encoding="utf-8")


def test_the_manual_builds_and_runs_it_as_it_is() -> None:
    """The manual names this file, mounts the host's plugins where the image has its own, and shows the group."""
    start = (ROOT / "docs" / "manual" / "start.md").read_text(encoding="utf-8")
    assert "docker build --file docker/Dockerfile --tag preflight ." in start
    for words in (
        ":/usr/libexec/docker/cli-plugins:ro",
        '--volume "$PWD:$PWD:ro" --workdir "$PWD"',
        "--group-add",
        "--tmpfs",
    ):
        assert words in start
