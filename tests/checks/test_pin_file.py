"""Tests of checks/pin_file.py: real files, real git."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from checks.pin_file import PinFile, Settings
from preflight.context import Options
from preflight.git.door import Git
from preflight.model import Finding, Location, Need, Status, Subject
from preflight.project import Pin
from preflight.testing import fake_context, run_check
from tests.real.git import GIT_ENVIRON, GitRepository

HEX = "0123456789abcdef" * 4
IMAGE = "ghcr.io/acme/agent"
PINNED = f"{IMAGE}@sha256:{HEX}"
NAME = "AGENT_IMAGE"
FILE = "docker/pin.env"
OVERRIDE = "docker/pin.local.env"
ENVIRON = {"PATH": os.environ.get("PATH", os.defpath), **GIT_ENVIRON}


def look(
    base: Path,
    *,
    allow_override: bool = False,
    overrides: tuple[str, ...] = (),
    options: Options | None = None,
    **settings: str,
) -> list[Finding]:
    """Run the check on ``docker/pin.env`` below ``base``, as an operator who stands in ``base``."""
    pin = Pin(settings.get("variable", NAME), "app", base / FILE, tuple(base / name for name in overrides))
    git = Git(base, {**ENVIRON, "PATH": settings.get("path", ENVIRON["PATH"])})
    ctx = fake_context(base, pins=(pin,), git=git, options=options)
    return run_check(PinFile(Settings(allow_override)), ctx)


@pytest.fixture
def committed(git_repository: GitRepository) -> Callable[[str], list[Finding]]:
    """Commits a pin file with the given text and looks at it."""

    def commit(text: str) -> list[Finding]:
        git_repository.commit({FILE: text})
        return look(git_repository.path)

    return commit


@pytest.mark.parametrize(
    "text",
    [
        f"{NAME}={PINNED}\n",
        f'{NAME}="{PINNED}"\n',
        f"{NAME}='{PINNED}' # since v1\n",
        f"export {NAME} = {PINNED}   \r\nOTHER=x\n",
        f"\ufeff# the pin\n{NAME}: {PINNED}",
    ],
)
def test_pin_by_digest_passes(committed: Callable[[str], list[Finding]], text: str) -> None:
    """A committed file with one digest passes, however Compose lets one write it."""
    [finding] = committed(text)

    assert finding.status is Status.PASS
    assert finding.message == f"pinned by digest: sha256:0123456789ab… for {NAME}"
    assert finding.evidence["value"] == PINNED
    assert finding.location is not None


@pytest.mark.parametrize(
    ("value", "code", "words"),
    [
        ("", "no-reference", "the value is empty"),
        (f"{IMAGE}@sha256:{HEX[:12]}", "no-reference", "the digest is short: 12 of 64 digits"),
        (f"{IMAGE}:v1.2.3", "tag", "is the tag 'v1.2.3', not a digest"),
        (f"{IMAGE}:v1@sha256:{HEX}", "tag-and-digest", "has both the tag 'v1' and a digest"),
        ("a\0b", "nul", "NUL"),
        (f"${{R:-ghcr.io}}/acme/agent@sha256:{HEX}", "interpolated", "interpolates $R"),
    ],
)
def test_value_that_is_no_digest_fails(
    committed: Callable[[str], list[Finding]], value: str, code: str, words: str
) -> None:
    """Each kind of value that is no pin has a code, at its line; tests/preflight/pins/test_fault.py has them all."""
    [finding] = committed(f"# the pin\n{NAME}={value}\n")

    assert (finding.status, finding.code) == (Status.FAIL, code)
    assert words in finding.message
    assert finding.location == Location(FILE, 2)
    assert finding.failure
    assert (Need.PIN in finding.failure.explains) is (code != "tag-and-digest")
    assert finding.hint


@pytest.mark.parametrize("text", [f"{NAME}\n", NAME])
def test_bare_name_fails(committed: Callable[[str], list[Finding]], text: str) -> None:
    """A name without `=` takes whatever the shell has, also on a last line without line end."""
    [finding] = committed(text)

    assert finding.status is Status.FAIL
    assert finding.code == "bare"


def test_secret_in_the_value_is_not_shown(committed: Callable[[str], list[Finding]]) -> None:
    """A value with credentials is refused without being quoted."""
    [finding] = committed(f"{NAME}=https://robot:hunter2@ghcr.io/acme/agent\n")

    assert (finding.status, finding.code) == (Status.FAIL, "no-reference")
    assert "hunter2" not in repr(finding)


def test_undefined_variable_fails(committed: Callable[[str], list[Finding]]) -> None:
    """A file without the variable fails; a commented line is no definition."""
    [finding] = committed(f"# {NAME}={PINNED}\nOTHER=1\n")

    assert (finding.status, finding.code) == (Status.FAIL, "undefined")
    assert finding.message == f"{NAME} is not defined in {FILE}"


def test_other_case_is_named(committed: Callable[[str], list[Finding]]) -> None:
    """Names are case-sensitive; the one that was meant is pointed out."""
    [finding] = committed(f"\n{NAME.lower()}={PINNED}\n")

    assert f"line 2 has it in other letters: {NAME.lower()}" in finding.message


def test_second_definition_fails_at_its_place(committed: Callable[[str], list[Finding]]) -> None:
    """Twice is a failure, also when both are equal."""
    [finding] = committed(f"{NAME}={PINNED}\nX=1\n{NAME}={PINNED}\n")

    assert (finding.status, finding.code) == (Status.FAIL, "duplicate")
    assert "defined 2 times (lines 1, 3); the last one counts" in finding.message
    assert finding.location == Location(FILE, 3)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (f'X=1\n{NAME}="{PINNED}\n', 2, 'a quote (") is opened and never closed'),
        (f"1 {NAME}={PINNED}\n", 1, "a variable name contains a space"),
        (f"X=1\n\nA+B=2\n{NAME}={PINNED}\n", 3, "character '+' in a variable name"),
        (f"X=${{\n{NAME}={PINNED}\n", 1, "its interpolation is malformed"),
    ],
)
def test_file_that_compose_refuses_fails(
    committed: Callable[[str], list[Finding]], text: str, line: int, words: str
) -> None:
    """What Compose refuses fails with the line, wherever in the file it stands."""
    found = committed(text)

    assert (found[0].status, found[0].code) == (Status.FAIL, "refused")
    assert words in found[0].message
    assert found[0].location == Location(FILE, line)


def test_missing_file_fails(git_repository: GitRepository) -> None:
    """A pin file that is not there fails once."""
    git_repository.commit({"README": "x"})

    [finding] = look(git_repository.path)

    assert (finding.status, finding.code) == (Status.FAIL, "missing")
    assert finding.message == f"the pin file {FILE} is missing"
    assert finding.hint == f"Restore it: git checkout HEAD -- {FILE}"


def test_file_that_a_sparse_checkout_leaves_out(git_repository: GitRepository) -> None:
    """The remedy is a command that works there; `git checkout` does not."""
    git_repository.commit({FILE: f"{NAME}={PINNED}\n", "README": "x"})
    git_repository.git("sparse-checkout", "set", "--cone", "other")

    [finding] = look(git_repository.path)

    assert (finding.status, finding.code) == (Status.FAIL, "missing")
    assert finding.message == f"the pin file {FILE} is missing: a sparse checkout leaves it out"
    command = finding.hint.removeprefix("Add its folder: git ")
    git_repository.git(*command.split())
    assert [each.status for each in look(git_repository.path)] == [Status.PASS]


def test_repository_that_cannot_be_read_is_an_error(git_repository: GitRepository) -> None:
    """A `.git` that git passes over is no reason to skip: the pin may be anything."""
    git_repository.commit({FILE: f"{NAME}={PINNED}\n"})
    (git_repository.path / ".git/HEAD").write_text("")

    [finding] = look(git_repository.path)

    assert finding.status is Status.ERROR
    assert "the file HEAD in it is empty" in finding.message


def test_folder_in_its_place_fails(git_repository: GitRepository) -> None:
    """A folder, as Docker makes for a missing bind mount, fails."""
    (git_repository.path / FILE).mkdir(parents=True)

    [finding] = look(git_repository.path)

    assert (finding.status, finding.code) == (Status.FAIL, "folder")
    assert "is a folder" in finding.message


@pytest.mark.parametrize("kind", ["binary", "huge", "fifo", "loop"])
def test_what_cannot_be_read_is_an_error(git_repository: GitRepository, kind: str) -> None:
    """A binary or huge file, a FIFO and a loop of links are errors of one line, and end at once."""
    path = git_repository.path / FILE
    path.parent.mkdir()
    if kind == "binary":
        path.write_bytes(b"A=\xff\xfe")
    elif kind == "huge":
        path.write_bytes(b"#" * (2 << 20))
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.symlink_to(path.name)

    [finding] = look(git_repository.path)

    assert finding.status is Status.ERROR
    assert "\n" not in finding.message


def test_unreadable_file_is_an_error(git_repository: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file without permission is an error, not a pass (told by a stand-in: root may read everything)."""
    git_repository.commit({FILE: f"{NAME}={PINNED}\n"})
    really_open = os.open

    def refuse(path: object, *rest: int) -> int:
        if str(path).endswith(FILE):
            raise PermissionError(13, "Permission denied")
        return really_open(str(path), *rest)

    monkeypatch.setattr(os, "open", refuse)

    [finding] = look(git_repository.path)

    assert finding.status is Status.ERROR
    assert "permission denied" in finding.message


def test_untracked_file_fails(git_repository: GitRepository) -> None:
    """A pin that git does not know fails; the rest of it is judged all the same."""
    git_repository.commit({"README": "x"})
    git_repository.write({FILE: f"{NAME}={PINNED}\n"})

    [finding] = look(git_repository.path)

    assert (finding.status, finding.code) == (Status.FAIL, "untracked")
    assert finding.hint == f"git add {FILE} && git commit"


def test_ignored_pin_file_is_told(git_repository: GitRepository) -> None:
    """An ignored pin file needs `-f` to be added, and the hint says so."""
    git_repository.commit({".gitignore": "*.env\n"})
    git_repository.write({FILE: f"{NAME}={PINNED}\n"})

    [finding] = look(git_repository.path)

    assert finding.hint == f"git add -f {FILE} && git commit"
    assert finding.code == "untracked"


def test_changed_file_fails(git_repository: GitRepository) -> None:
    """A digest that was edited on the host and never committed fails."""
    git_repository.commit({FILE: f"{NAME}={PINNED}\n"})
    git_repository.write({FILE: f"{NAME}={IMAGE}@sha256:{HEX[::-1]}\n"})

    [finding] = look(git_repository.path)

    assert (finding.status, finding.code) == (Status.FAIL, "uncommitted")
    assert finding.message == f"{FILE} differs from the last commit"
    assert f"git diff HEAD -- {FILE}" in finding.hint


def test_armed_sentinel_is_a_warning(git_repository: GitRepository) -> None:
    """The line that the sentinel adds is expected, so it warns; anything else beside it fails."""
    git_repository.commit({FILE: f"{NAME}={PINNED}\n"})
    git_repository.write({FILE: f"{NAME}={PINNED}\nPREFLIGHT_SENTINEL=abc\n"})

    [finding] = look(git_repository.path)

    assert (finding.status, finding.code) == (Status.WARN, "sentinel-armed")
    assert "an armed sentinel only" in finding.message

    git_repository.write({FILE: f"{NAME}={PINNED}\nPREFLIGHT_SENTINEL=abc\nX=1\n"})

    [finding] = look(git_repository.path)

    assert (finding.status, finding.code) == (Status.FAIL, "uncommitted")


def test_link_is_followed_to_what_git_tracks(git_repository: GitRepository, tmp_path: Path) -> None:
    """A committed link does not vouch for what it points to."""
    outside = tmp_path / "outside.env"
    outside.write_text(f"{NAME}={PINNED}\n")
    link = git_repository.path / FILE
    link.parent.mkdir()
    link.symlink_to(outside)
    git_repository.commit()

    [finding] = [each for each in look(git_repository.path) if each.status is not Status.PASS]

    assert (finding.status, finding.code) == (Status.FAIL, "link-outside")
    assert "is a link that leads out of the repository" in finding.message
    assert str(outside) in (finding.hint or "")


def test_outside_a_work_tree_is_an_error(tmp_path: Path) -> None:
    """Nothing proves there that the pin is the committed one, so the run does not end with "clear to roll out"."""
    (tmp_path / "docker").mkdir()
    (tmp_path / FILE).write_text(f"{NAME}={PINNED}\n")

    [finding] = look(tmp_path, overrides=(OVERRIDE,))

    assert (finding.status, finding.code) == (Status.ERROR, "no-git")
    assert finding.subject == Subject("file", FILE)
    assert "git: false" in finding.hint


def test_where_the_operator_says_that_there_is_no_git_only_the_file_is_judged(tmp_path: Path) -> None:
    """`git: false` is in the report's header; the value must be sound all the same."""
    (tmp_path / "docker").mkdir()
    (tmp_path / FILE).write_text(f"{NAME}={PINNED}\n")

    [finding] = look(tmp_path, options=Options(git=False))

    assert finding.status is Status.PASS


def test_git_that_is_missing_is_an_error(git_repository: GitRepository) -> None:
    """In a work tree without git installed, the check cannot look."""
    git_repository.commit({FILE: f"{NAME}={PINNED}\n"})

    [finding] = look(git_repository.path, path="/nonexistent")

    assert finding.status is Status.ERROR
    assert "git is not installed" in finding.message


def test_override_that_defines_the_variable_fails(git_repository: GitRepository) -> None:
    """In production an override file overrides the pin."""
    git_repository.commit({FILE: f"{NAME}={PINNED}\n", ".gitignore": "*.local.env\n"})
    git_repository.write({OVERRIDE: f"X=1\n{NAME}={IMAGE}:dev\n"})

    [finding] = look(git_repository.path, overrides=(OVERRIDE,))

    assert (finding.status, finding.code) == (Status.FAIL, "override")
    assert finding.location == Location(OVERRIDE, 2)


def test_override_that_does_not_define_it_warns(git_repository: GitRepository) -> None:
    """A file that is only there may define it tomorrow."""
    git_repository.commit({FILE: f"{NAME}={PINNED}\n", ".gitignore": "*.local.env\n"})
    git_repository.write({OVERRIDE: "X=1\n"})

    [finding] = look(git_repository.path, overrides=(OVERRIDE,))

    assert (finding.status, finding.code) == (Status.WARN, "override-present")


def test_developers_may_have_an_override(git_repository: GitRepository) -> None:
    """With `allow_override` an override warns only if it defines the variable."""
    git_repository.commit({FILE: f"{NAME}={PINNED}\n", ".gitignore": "*.local.env\n"})
    git_repository.write({OVERRIDE: "X=1\n"})

    [finding] = look(git_repository.path, overrides=(OVERRIDE,), allow_override=True)
    assert finding.status is Status.PASS

    git_repository.write({OVERRIDE: f"{NAME}={IMAGE}:dev\n"})

    [finding] = look(git_repository.path, overrides=(OVERRIDE,), allow_override=True)
    assert (finding.status, finding.code) == (Status.WARN, "override-allowed")


def test_override_that_is_not_ignored_warns(git_repository: GitRepository) -> None:
    """An override that the next `git add` would commit warns, even before it exists; a missing folder holds none."""
    git_repository.commit({FILE: f"{NAME}={PINNED}\n"})

    [finding] = look(git_repository.path, overrides=(OVERRIDE, "nowhere/x.env"))

    assert (finding.status, finding.code) == (Status.WARN, "override-not-ignored")
    assert finding.hint == "Add pin.local.env to docker/.gitignore"


def test_committed_override_fails(git_repository: GitRepository) -> None:
    """A committed override reaches every machine, so it fails even where overrides are allowed."""
    git_repository.commit({FILE: f"{NAME}={PINNED}\n", OVERRIDE: "X=1\n"})

    [finding] = look(git_repository.path, overrides=(OVERRIDE,), allow_override=True)

    assert (finding.status, finding.code) == (Status.FAIL, "override-committed")


def test_unreadable_override_is_an_error(git_repository: GitRepository) -> None:
    """An override that cannot be read may define anything."""
    git_repository.commit({FILE: f"{NAME}={PINNED}\n", ".gitignore": "*.local.env\n"})
    git_repository.write({OVERRIDE: 'X="\n'})

    [finding] = look(git_repository.path, overrides=(OVERRIDE,))

    assert finding.status is Status.ERROR
    assert "a quote" in finding.message


def test_git_trouble_with_an_override_is_an_error(git_repository: GitRepository) -> None:
    """An override whose work tree git cannot read is an error."""
    (git_repository.path / "docker").mkdir()
    (git_repository.path / FILE).write_text(f"{NAME}={PINNED}\n")
    (git_repository.path / ".git/config").write_text("[broken")

    found = look(git_repository.path, overrides=(OVERRIDE,))

    assert [finding.status for finding in found] == [Status.ERROR, Status.ERROR]


def test_two_pins_in_one_file_share_what_is_said_of_the_file(git_repository: GitRepository) -> None:
    """What concerns the file is said once; each variable has its own row."""
    git_repository.write({FILE: f"A_IMAGE={PINNED}\nB_IMAGE={PINNED}\n"})
    pins = tuple(Pin(name, "app", git_repository.path / FILE) for name in ("A_IMAGE", "B_IMAGE"))
    git = Git(git_repository.path, ENVIRON)
    ctx = fake_context(git_repository.path, pins=pins, git=git)

    found = run_check(PinFile(Settings()), ctx)

    assert [finding.status for finding in found] == [Status.FAIL, Status.PASS]


@pytest.mark.parametrize(
    "value",
    [
        "zq9x-token",
        "user:zq9x",
        "user:zq9x@ghcr.io",
        f"user:zq9x@ghcr.io/acme/agent@sha256:{HEX}",
        f"user:zq9x@ghcr.io:5000/acme/agent@sha256:{HEX[:9]}",
        "https://user:zq9x@ghcr.io/acme/agent",
    ],
)
def test_value_that_is_surely_no_image_is_not_shown(committed: Callable[[str], list[Finding]], value: str) -> None:
    """What was pasted into the wrong line is shown nowhere unless it is surely an image."""
    [finding] = committed(f"{NAME}={value}\n")

    assert finding.status is Status.FAIL
    assert "zq9x" not in repr(finding).lower()


def test_pin_of_several_services_is_judged_once(git_repository: GitRepository) -> None:
    """Five services that read one pin make one row, and one for a file that is missing."""
    git_repository.commit({FILE: f"{NAME}={PINNED}\n"})
    pins = tuple(Pin(NAME, f"app{number}", git_repository.path / FILE) for number in range(5))
    git = Git(git_repository.path, ENVIRON)
    ctx = fake_context(git_repository.path, pins=pins, git=git)

    assert [finding.status for finding in run_check(PinFile(Settings()), ctx)] == [Status.PASS]
    (git_repository.path / FILE).unlink()
    assert [finding.status for finding in run_check(PinFile(Settings()), ctx)] == [Status.FAIL]


def test_nul_in_another_line_fails(committed: Callable[[str], list[Finding]]) -> None:
    """A container cannot be given a NUL, whichever variable has it."""
    [finding] = committed(f"{NAME}={PINNED}\nOTHER=a\0b\n")

    assert (finding.status, finding.code) == (Status.FAIL, "nul")
    assert finding.location == Location(FILE, 2)


def test_submodule_at_another_commit_fails(git_repository: GitRepository, tmp_path: Path) -> None:
    """A pin that is committed in its submodule only is not the one that the repository around it names."""
    git_repository.commit({FILE: f"{NAME}={PINNED}\n"})
    outer, inner = tmp_path / "outer", str(git_repository.path)
    for words in (
        ["init", "-q", str(outer)],
        ["-C", str(outer), "-c", "protocol.file.allow=always", "submodule", "add", "-q", inner, "sub"],
        ["-C", str(outer), "commit", "-qm", "Add the submodule"],
    ):
        subprocess.run(["git", *words], check=True, env=ENVIRON)
    assert [finding.status for finding in look(outer / "sub")] == [Status.PASS]
    GitRepository(outer / "sub").commit({FILE: f"{NAME}={PINNED.replace('0', '1')}\n"})

    [finding] = [each for each in look(outer / "sub") if each.status is not Status.PASS]

    assert (finding.status, finding.code) == (Status.FAIL, "submodule")
    assert "lies in the submodule" in finding.message
    assert "git submodule update" in (finding.hint or "")
