"""preflight/signed/tools.py: made-up `cosign` and `gh` that say what the real ones are documented to say."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from preflight.lib.reference import ImageReference
from preflight.signed import tools
from preflight.signed.model import GITHUB_ISSUER, SignerDemand
from tests.real.signing import IDENTITY, PATTERN, provenance

DIGEST = "sha256:" + "ab" * 32
IMAGE = ImageReference("ghcr.io", "ls1intum/hephaestus/agent", None, DIGEST)
DEMAND = SignerDemand(PATTERN)
REPOSITORY = "ls1intum/Hephaestus"
SIGNED = {
    "critical": {"image": {"docker-manifest-digest": DIGEST}},
    "optional": {"Subject": IDENTITY, "Issuer": GITHUB_ISSUER},
}
CERTIFICATE = {"subjectAlternativeName": IDENTITY, "issuer": GITHUB_ISSUER, "sourceRepositoryRef": "refs/tags/v1.4.1"}


def attested(certificate: Any = None, statement: Any = None) -> list[dict[str, Any]]:
    """Return what `gh attestation verify --format json` prints."""
    given = json.loads(provenance(DIGEST)) if statement is None else statement
    signature = {"certificate": certificate or CERTIFICATE}
    return [{"attestation": {}, "verificationResult": {"signature": signature, "statement": given}}]


class Program:
    """A made-up program on a PATH of its own; notes what it is called with."""

    def __init__(self, folder: Path, name: str, version: str, answer: Any, exit_code: int = 0) -> None:
        self._log = folder / "called"
        (folder / "version").write_text(version)
        (folder / "answer").write_text(answer if isinstance(answer, str) else json.dumps(answer))
        program = folder / name
        program.write_text(
            f"#!/bin/sh\nprintf '%s\\n' \"$@\" >{self._log}\n"
            f'case "$*" in version*|--version*) cat {folder}/version; exit 0;; esac\n'
            f"cat {folder}/answer; exit {exit_code}\n"
        )
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        self.environ = {"PATH": f"{folder}:{os.defpath}"}

    @property
    def called_with(self) -> list[str]:
        return self._log.read_text().splitlines()


def cosign(folder: Path, answer: Any = (SIGNED,), version: str = "v2.4.1", exit_code: int = 0) -> Program:
    """Return a cosign."""
    return Program(folder, "cosign", json.dumps({"gitVersion": version}), answer, exit_code)


def gh(
    folder: Path, answer: Any, version: str = "gh version 2.62.0 (2024-11-14)\nhttps://x\n", code: int = 0
) -> Program:
    """Return a gh."""
    return Program(folder, "gh", version, answer, code)


def look_with_cosign(program: Program, demand: SignerDemand = DEMAND) -> Any:
    """Verify with it."""
    return tools.cosign(program.environ, IMAGE, demand, Deadline.after(20))


def look_with_gh(program: Program, repository: str = REPOSITORY) -> Any:
    """Verify with it."""
    return tools.gh(program.environ, IMAGE, DEMAND, repository, Deadline.after(20))


@pytest.mark.parametrize("version", ["v2.4.1", "v3.0.4", "2.0.0"])
def test_cosign_that_says_yes_is_believed(tmp_path: Path, version: str) -> None:
    """With the digest, identity and issuer in its output, and called with exactly what is demanded."""
    program = cosign(tmp_path, version=version)

    [verified] = look_with_cosign(program)

    assert (verified.signer.identity, verified.program) == (IDENTITY, f"cosign {version}")
    assert program.called_with == [
        "verify",
        "--certificate-identity-regexp",
        f"^(?:{PATTERN})",
        "--certificate-oidc-issuer",
        GITHUB_ISSUER,
        "--output",
        "json",
        f"ghcr.io/ls1intum/hephaestus/agent@{DIGEST}",
    ]


def test_cosign_3_that_names_no_signer_is_believed_for_the_digest(tmp_path: Path) -> None:
    """For bundles it prints the digest only; it was told whom to demand."""
    [verified] = look_with_cosign(cosign(tmp_path, [{**SIGNED, "optional": None}], "v3.0.4"))

    assert verified.signer.identity == ""


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([], "its output does not show"),
        ("", "its output does not show"),
        ("[" * 100_000, "its output does not show"),
        ({}, "its output does not show"),
        ([1], "its output does not show"),
        ([{"critical": {"image": {"docker-manifest-digest": "sha256:" + "cd" * 32}}}], "its output does not show"),
        ([{**SIGNED, "optional": {"Subject": "https://evil", "Issuer": GITHUB_ISSUER}}], "cosign says yes, but"),
        ([{**SIGNED, "optional": {"Subject": IDENTITY, "Issuer": "https://evil"}}], "cosign says yes, but"),
    ],
)
def test_a_yes_about_something_else_is_not_believed(tmp_path: Path, answer: Any, words: str) -> None:
    """An exit code of zero proves nothing."""
    with pytest.raises(CouldNotLook, match=words):
        look_with_cosign(cosign(tmp_path, answer))


def test_a_version_that_is_no_json_is_not_known(tmp_path: Path) -> None:
    """Cosign 1 and strangers print text."""
    program = Program(tmp_path, "cosign", "cosign 2.4.1", [SIGNED])

    with pytest.raises(CouldNotLook, match="not of a version that is known"):
        look_with_cosign(program)


@pytest.mark.parametrize("version", ["v1.13.0", "v4.0.0", "devel", "", "2.4.1; rm"])
def test_a_cosign_that_is_not_known_is_not_believed(tmp_path: Path, version: str) -> None:
    """Another version may mean something else by the same words."""
    with pytest.raises(CouldNotLook, match="not of a version that is known"):
        look_with_cosign(cosign(tmp_path, version=version))


def test_a_cosign_that_says_no_is_an_error_with_the_command(tmp_path: Path) -> None:
    """Why, it says in words for people only; the hint has the command to see them."""
    with pytest.raises(CouldNotLook, match=r"does not verify the image \(exit code 10\)") as caught:
        look_with_cosign(cosign(tmp_path, exit_code=10))

    assert caught.value.hint.startswith("Look why: cosign verify --certificate-identity-regexp '^(?:")


def test_a_trust_root_of_ones_own_needs_the_extra(tmp_path: Path) -> None:
    """Programs are not handed a root whose form they may not know."""
    with pytest.raises(CouldNotLook, match="only the extra `verify` can use a trust root of your own"):
        look_with_cosign(cosign(tmp_path), SignerDemand(PATTERN, trust_root=tmp_path))


def test_gh_that_says_yes_is_believed(tmp_path: Path) -> None:
    """With digest, predicate and signer in its output, and called with exactly what is demanded."""
    program = gh(tmp_path, attested())

    [verified] = look_with_gh(program)

    assert (verified.signer.identity, verified.signer.ref) == (IDENTITY, "refs/tags/v1.4.1")
    assert (verified.program, verified.predicate_type) == ("gh 2.62.0", "https://slsa.dev/provenance/v1")
    assert program.called_with == [
        "attestation",
        "verify",
        f"oci://ghcr.io/ls1intum/hephaestus/agent@{DIGEST}",
        "--repo",
        "ls1intum/Hephaestus",
        "--cert-identity-regex",
        f"^(?:{PATTERN})",
        "--cert-oidc-issuer",
        GITHUB_ISSUER,
        "--predicate-type",
        "https://slsa.dev/provenance/v1",
        "--format",
        "json",
    ]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([{}], "its output does not show"),
        (attested(certificate={"issuer": GITHUB_ISSUER}), "its output does not show"),
        (attested(statement=json.loads(provenance("sha256:" + "cd" * 32))), "its output does not show"),
        (attested(statement={**json.loads(provenance(DIGEST)), "predicateType": "x"}), "its output does not show"),
        (attested(statement=[]), "its output does not show"),
        (attested(certificate={**CERTIFICATE, "subjectAlternativeName": "https://evil"}), "gh says yes, but"),
    ],
)
def test_a_yes_of_gh_about_something_else_is_not_believed(tmp_path: Path, answer: Any, words: str) -> None:
    """An exit code of zero proves nothing."""
    with pytest.raises(CouldNotLook, match=words):
        look_with_gh(gh(tmp_path, answer))


@pytest.mark.parametrize("version", ["gh version 2.48.0 (2024)", "gh version 3.0.0 (2030)", "2.62.0", ""])
def test_a_gh_that_is_not_known_is_not_believed(tmp_path: Path, version: str) -> None:
    """Older ones have no, or another, verification."""
    with pytest.raises(CouldNotLook, match="not of a version that is known"):
        look_with_gh(gh(tmp_path, attested(), version))


def test_gh_must_be_told_the_repository(tmp_path: Path) -> None:
    """For an image outside ghcr.io nobody can guess it."""
    with pytest.raises(CouldNotLook, match="gh must be told the repository"):
        look_with_gh(gh(tmp_path, attested()), "")


def test_gh_that_says_no_is_an_error(tmp_path: Path) -> None:
    """Its output is not shown: it may quote anything."""
    with pytest.raises(CouldNotLook, match=r"gh does not verify the image \(exit code 1\)"):
        look_with_gh(gh(tmp_path, "secret", code=1))


@pytest.mark.parametrize("look", [look_with_cosign, look_with_gh])
def test_nothing_on_path(tmp_path: Path, look: Any) -> None:
    """The way to install the extra stands in the hint."""
    program = cosign(tmp_path)
    (tmp_path / "cosign").unlink()
    program.environ["PATH"] = str(tmp_path)

    with pytest.raises(tools.NotThere) as caught:
        look(program)

    assert "pipx install --force '.[verify]'" in caught.value.hint
