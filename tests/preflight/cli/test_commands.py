"""preflight/cli/: the smaller commands."""

import json
from pathlib import Path

import pytest

from preflight.run.discovery import discover
from preflight.version import __version__
from tests.real.cli import PreflightCli
from tests.real.git import GitRepository

IDS = [check.about.id for check in discover().checks]

COMPOSE = """\
services:
  app:
    image: x
    env_file:
      - path: app-image-pin.env
        required: false
      - path: app-image-pin.local.env
        required: false
"""


def test_version(preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """GNU style: name and version on stdout."""
    for option in ("--version", "-V"):
        done = preflight_cli(option, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (0, f"preflight {__version__}\n")


def test_help_names_the_exit_codes_and_every_command(preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """-h and --help agree."""
    short, long = preflight_cli("-h", cwd=tmp_path), preflight_cli("--help", cwd=tmp_path)

    assert short.stdout == long.stdout
    words = ("Exit codes:", "129, 130, 131, 143", "PREFLIGHT_TIMEOUT")
    for word in (*words, "run", "list", "explain", "init", "sentinel"):
        assert word in long.stdout
    assert max(len(line) for line in long.stdout.splitlines()) <= 110


def test_run_help_names_the_environment_variable_of_every_option(preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """Every option is also a variable."""
    text = preflight_cli("run", "--help", cwd=tmp_path).stdout

    for name in ("TIMEOUT", "REGISTRY_INSECURE", "CONFIG", "ONLY", "CHECKS_DIR", "COLOR", "QUIET", "FORMAT"):
        assert f"PREFLIGHT_{name}" in text


def test_a_mistyped_command_is_told_the_nearest(preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """Exit 2 and a suggestion."""
    done = preflight_cli("rnu", cwd=tmp_path)

    assert done.returncode == 2
    assert "No such command 'rnu', did you mean run?" in done.stderr


def test_list_names_every_check(preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """As a table that fits 80 columns, and as JSON."""
    table = preflight_cli("list", cwd=tmp_path)
    data = json.loads(preflight_cli("list", "--format", "json", cwd=tmp_path).stdout)

    assert table.returncode == 0
    assert all(check_id in table.stdout for check_id in IDS)
    assert max(len(line) for line in table.stdout.splitlines()) <= 80
    assert [check["id"] for check in data["checks"]] == IDS
    assert all(check["title"] and check["tags"] for check in data["checks"])


def test_list_says_what_does_not_load(preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """A broken module is named, and the exit code is 3."""
    (tmp_path / "bad.py").write_text("import no_such_thing\n")

    done = preflight_cli("list", "--checks-dir", tmp_path, cwd=tmp_path)

    assert done.returncode == 3
    assert "bad.py does not load: ModuleNotFoundError" in done.stderr


@pytest.mark.parametrize("check_id", [*IDS, "setup"])
def test_explain_tells_what_why_how_and_the_remedies(
    preflight_cli: PreflightCli, tmp_path: Path, check_id: str
) -> None:
    """Every check explains itself."""
    done = preflight_cli("explain", check_id, cwd=tmp_path)

    assert done.returncode == 0
    assert done.stdout.startswith(f"{check_id}: ")
    for heading in ("What it asks\n", "Why it matters\n", "What it can find, and what to do\n"):
        assert heading in done.stdout


def test_explain_of_an_unknown_id_suggests_one(preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """Exit 2."""
    done = preflight_cli("explain", "pin-fle", cwd=tmp_path)

    assert done.returncode == 2
    assert "no such check: pin-fle, did you mean pin-file?" in done.stderr


def project(folder: Path) -> Path:
    """Write a small project with a pin."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "compose.yaml").write_text(COMPOSE)
    (folder / "app-image-pin.env").write_text(f"APP_IMAGE_REFERENCE=ghcr.io/acme/app@sha256:{'a' * 64}\n")
    return folder


def test_init_writes_what_it_found(preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """The written configuration is understood by run, and not overwritten without --force."""
    folder = project(tmp_path / "project")

    first = preflight_cli("init", cwd=folder)
    text = (folder / "preflight.yaml").read_text()
    again = preflight_cli("init", cwd=folder)
    forced = preflight_cli("init", "--force", cwd=folder)

    assert (first.returncode, first.stdout) == (0, "Wrote preflight.yaml: APP_IMAGE_REFERENCE of app.\n")
    assert "variable: APP_IMAGE_REFERENCE" in text
    assert again.returncode == 2
    assert "preflight.yaml is there already" in again.stderr
    assert (folder / "preflight.yaml").read_text() == text
    assert forced.returncode == 0
    assert preflight_cli("run", "--only", "pin-file", cwd=folder).returncode in (0, 1, 3)


def test_init_in_an_empty_folder_says_what_is_missing(preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """It writes a commented example and claims nothing."""
    done = preflight_cli("init", cwd=tmp_path)

    assert done.returncode == 0
    assert "no compose file" in done.stderr
    assert "no pin; name it under pins:" in done.stdout


def test_an_empty_folder_is_not_a_pass(preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """Nothing to look at is exit 3 with a way out, not 0."""
    done = preflight_cli("run", "--only", "pin-file", "--only", "env-shadowing", cwd=tmp_path)

    assert done.returncode == 3
    assert "there is no compose file" in done.stdout
    assert "preflight -C DIR run" in " ".join(done.stdout.split())
    assert done.stdout.count("ERROR") == 2  # the cause, and one line for all that follows from it


def test_completion_is_as_click_gives_it(preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """`eval "$(_PREFLIGHT_COMPLETE=bash_source preflight)"` works."""
    script = preflight_cli(cwd=tmp_path, env={"_PREFLIGHT_COMPLETE": "bash_source"})
    words = preflight_cli(
        cwd=tmp_path, env={"_PREFLIGHT_COMPLETE": "bash_complete", "COMP_WORDS": "preflight ru", "COMP_CWORD": "1"}
    )

    assert "complete -o nosort" in script.stdout
    assert words.stdout == "plain,run\n"


def test_explain_knows_the_hook(preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """A topic is explained like a check: what it cannot do, what runs twice, how the gate is opened."""
    done = preflight_cli("explain", "hook", cwd=tmp_path, env={"COLUMNS": "100"})
    assert done.returncode == 0
    said = " ".join(done.stdout.split())
    for words in (
        "The first deployment is never gated",
        "`container_name: preflight-UUID`",
        "With Docker Build Secrets the helper is restarted and the hook runs again",
        "--open-until 2027-01-31T18:00Z --reason 'why'",
    ):
        assert words in said
    assert max(len(line) for line in done.stdout.splitlines()) <= 110


def test_explain_names_the_nearest_topic(preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """A slip of the finger is no dead end."""
    done = preflight_cli("explain", "hok", cwd=tmp_path)
    assert done.returncode == 2
    assert "hook" in done.stderr


def test_init_coolify_prints_what_to_paste_and_writes_nothing(
    preflight_cli: PreflightCli, git_repository: GitRepository
) -> None:
    """Made for the compose file that lies here, without the password that stands in the remote."""
    git_repository.commit(
        {
            "docker/compose.app.yaml": "services: {app: {image: x, env_file: [pin.env]}}\n",
            "docker/pin.env": f"IMAGE=ghcr.io/a/b@sha256:{'1' * 64}\n",
        }
    )
    git_repository.git("remote", "add", "origin", "https://user:hunter2@github.com/ls1intum/Hephaestus.git")
    before = sorted(git_repository.path.iterdir())
    done = preflight_cli(
        "init", "--coolify", "--application", "abc123", "--image", "ghcr.io/me/p:1", cwd=git_repository.path
    )
    assert done.returncode == 0, done.stderr
    assert sorted(git_repository.path.iterdir()) == before
    hook = "preflight hook --repository https://github.com/ls1intum/Hephaestus.git --application abc123 --branch main"
    assert f"{hook} --base-directory /docker --compose-location /compose.app.yaml\n" in done.stdout
    assert "docker create --name preflight-gate-abc123 " in done.stdout
    assert " ghcr.io/me/p:1 hook --checkout /work " in done.stdout
    assert "hunter2" not in done.stdout


def test_init_coolify_refuses_what_is_no_uuid(preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """It would land in a shell."""
    done = preflight_cli("init", "--coolify", "--application", "a; b", cwd=tmp_path)
    assert done.returncode == 2
    assert "is no UUID" in done.stderr
