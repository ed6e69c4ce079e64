"""checks/pin_file.py: what the pin file gives the variable."""

from collections.abc import Callable

import pytest

from checks.pin_file import PinFile, Settings
from preflight.git.door import Git
from preflight.model import Finding, Location, Need, Status
from preflight.project import Pin
from preflight.testing import fake_context, run_check
from tests.checks.pin_file.look import ENVIRON, FILE, HEX, IMAGE, NAME, PINNED
from tests.real.git import GitRepository


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
