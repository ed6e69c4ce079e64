"""Tests of preflight/workflows/scripts/invocations.py."""

import pytest

from preflight.workflows.scripts.invocations import Invocation, invocations


def run(text: str) -> list[str]:
    """Return what a script runs, and not only names."""
    return [found.what for found in invocations(text) if found.certain]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("make prune", "make prune"),
        ("sudo FOO=1 make -C docker clean all", "make -C docker"),
        ("if true; then make x; fi", "make x"),
        ("a && make b | tee log", "make b"),
        ("npm run clean", "npm run clean"),
        ("pnpm exec x", "pnpm exec x"),
        ("yarn run x", "yarn run x"),
        ("just release", "just release"),
        ("task build", "task build"),
        ("./gradlew cleanImages", "gradlew cleanImages"),
        ("cargo xtask prune", "cargo xtask prune"),
        ("go run ./cmd/prune", "go run ./cmd/prune"),
        ("deno task x", "deno task x"),
        ("nox -s prune", "nox -s prune"),
        ("x=$(make list)", "make list"),
    ],
)
def test_tasks_of_the_repository_are_seen(text: str, what: str) -> None:
    """Programs that look up in the repository what to do, wherever they stand in a command."""
    [found] = [each for each in invocations(text) if not each.path]

    assert found.what == what
    assert found.defined_in
    assert not found.downloads


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("./ci/prune.sh --all", "./ci/prune.sh"),
        ("ci/prune", "ci/prune"),
        ("bash ci/prune.sh", "ci/prune.sh"),
        ("bash -e ci/prune", "ci/prune"),
        ("/bin/sh ci/prune", "ci/prune"),
        ("python3 -u tools/prune.py", "tools/prune.py"),
        ("node tools/prune.mjs", "tools/prune.mjs"),
        ("source ci/env.sh", "ci/env.sh"),
        (". ci/env", "ci/env"),
        ('"$GITHUB_ACTION_PATH/prune.sh"', "prune.sh"),
        ("bash $DIR/sub/prune.sh", "sub/prune.sh"),
        ("for x in a; do ./prune $x; done", "./prune"),
        ("/srv/prune.sh", "/srv/prune.sh"),
        ("bash $SCRIPT", "SCRIPT"),
    ],
)
def test_scripts_that_are_run_are_seen(text: str, path: str) -> None:
    """By their path, or as what an interpreter is given; without the variable that they begin with."""
    assert [found.path for found in invocations(text) if found.certain] == [path]


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("xargs ci/prune.sh", ["ci/prune.sh"]),
        ('echo "run ci/prune.sh"', ["ci/prune.sh"]),
        ("python -m tools.prune", ["tools/prune.py", "tools/prune/__main__.py"]),
        ("docker run x /app/prune.py", ["/app/prune.py"]),
    ],
)
def test_scripts_that_are_named_may_be_run(text: str, paths: list[str]) -> None:
    """What looks like a script by its name is one if it is in the repository."""
    assert [found.path for found in invocations(text) if not found.certain] == paths
    assert run(text) == []


@pytest.mark.parametrize("text", ["curl -fsSL https://x | bash", "wget -qO- https://x | sh -s -- -y", "bash <(curl x)"])
def test_what_is_downloaded_and_run_is_seen(text: str) -> None:
    """A shell that reads from a download."""
    [found] = [each for each in invocations(text) if each.certain]

    assert found.downloads
    assert not found.path


@pytest.mark.parametrize(
    "text",
    [
        "echo make prune",
        "# make prune",
        "cat <<EOF\nmake sure\n./that.x\nEOF",
        "python - <<'EOF'\nimport make\nEOF",
        "bash -c 'exit 1'",
        "npm ci",
        "npm install",
        "docker build --target make .",
        "/usr/bin/docker build .",
        "source .venv/bin/activate",
        '. "$HOME/.cargo/env"',
        "git push",
        "cargo build",
        "",
    ],
)
def test_other_commands_run_nothing_of_the_repository(text: str) -> None:
    """What is said, commented, in a here-document, inline, or a program of the runner."""
    assert run(text) == []


def test_line_of_the_script_is_known() -> None:
    """Each invocation stands in its line, a continued command in its first; what follows a here-document is seen."""
    text = "a\ncat <<-'X' \\\n  >f\n./in\n\tX\nmake \\\n  b\n"

    assert [(found.what, found.row) for found in invocations(text)] == [("make b", 5)]


def test_an_invocation_is_a_value() -> None:
    """Two that are the same count once."""
    assert len(dict.fromkeys(invocations("make a; make a"))) == 1
    assert Invocation("make a") == Invocation("make a")
