"""`cosign` and `gh` in place of the extra: called with fixed arguments, believed only in versions that are known.

What they print is judged again (digest, identity, issuer) as far as it tells; an exit code alone proves nothing.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from preflight.lib.installing import how_to_install
from preflight.lib.process import Completed, run
from preflight.lib.programs import find_program
from preflight.lib.regex import regex
from preflight.lib.text import printable
from preflight.signed.identity import judge_signer
from preflight.signed.model import Refused, Signer, SignerDemand, Verified
from preflight.signed.statement import read_statement

if TYPE_CHECKING:
    from preflight.lib.reference import ImageReference

INSTALL = f"{how_to_install('verify')} Or install cosign 2 or 3, or gh 2.56 or later."
_COSIGN_MAJORS = frozenset({2, 3})
_GH_MAJOR, _GH_MINOR = 2, 56  # attestation verification is generally available since 2.56
_PROVENANCE = "https://slsa.dev/provenance/v1"
_OUTPUT = 16 << 20
_VERSION = regex(r"v?(\d{1,4})\.(\d{1,4})\.(\d{1,4})")


class NotThere(CouldNotLook):
    """The program is not on PATH."""


def cosign(
    environ: Mapping[str, str], image: "ImageReference", demand: SignerDemand, deadline: Deadline
) -> tuple[Verified, ...]:
    """Verify a signature with `cosign verify`.

    Returns:
        What holds; never nothing.

    Raises:
        NotThere: There is no cosign.
        CouldNotLook: It does not say yes, or not in a way that is understood. Why, its own output tells.
    """
    program = _program("cosign", environ, demand)
    said = _run([program, "version", "--json"], environ, deadline)
    version = _VERSION.fullmatch(str(_json(said).get("gitVersion", "")) if said.exit_code == 0 else "")
    if version is None or int(version[1]) not in _COSIGN_MAJORS:
        raise _unknown("cosign")
    words = ["verify", "--certificate-identity-regexp", f"^(?:{demand.identity})"]
    words += ["--certificate-oidc-issuer", demand.issuer, "--output", "json", _by_digest(image)]
    answers = _list(_demand_yes(_run([program, *words], environ, deadline), "cosign", words), "cosign")
    return tuple(_cosign_said(each, image, demand, f"cosign {version[0]}") for each in answers)


def _cosign_said(answer: Any, image: "ImageReference", demand: SignerDemand, program: str) -> Verified:
    try:
        digest = answer["critical"]["image"]["docker-manifest-digest"]
        optional = answer.get("optional") or {}
        # cosign 3 leaves these out for bundles (sigstore/cosign#4416); it has checked them as it was told.
        signer = Signer(str(optional.get("Subject", "")), str(optional.get("Issuer", "")))
    except (KeyError, TypeError, AttributeError):
        raise _not_understood("cosign") from None
    if digest != image.digest:
        raise _not_understood("cosign")
    if signer.identity or signer.issuer:
        _judge(signer, demand, "cosign")
    return Verified("the registry", signer, None, program)


def gh(
    environ: Mapping[str, str],
    image: "ImageReference",
    demand: SignerDemand,
    repository: str,
    deadline: Deadline,
) -> tuple[Verified, ...]:
    """Verify a build provenance with `gh attestation verify`; see ``cosign``."""
    program = _program("gh", environ, demand)
    said = _run([program, "--version"], environ, deadline)
    version = _VERSION.search(said.text.partition("\n")[0]) if said.text.startswith("gh version ") else None
    if said.exit_code != 0 or version is None or not _is_known_gh(version):
        raise _unknown("gh")
    if not repository:
        raise CouldNotLook(
            "gh must be told the repository that built the image", "Set `repository: OWNER/NAME` for this check."
        )
    words = ["attestation", "verify", f"oci://{_by_digest(image)}", "--repo", repository]
    words += ["--cert-identity-regex", f"^(?:{demand.identity})", "--cert-oidc-issuer", demand.issuer]
    words += ["--predicate-type", _PROVENANCE, "--format", "json"]
    answers = _list(_demand_yes(_run([program, *words], environ, deadline), "gh", words), "gh")
    return tuple(_gh_said(each, image, demand, f"gh {version[0]}") for each in answers)


def _is_known_gh(version: "re.Match[str]") -> bool:
    return int(version[1]) == _GH_MAJOR and int(version[2]) >= _GH_MINOR


def _gh_said(answer: Any, image: "ImageReference", demand: SignerDemand, program: str) -> Verified:
    try:
        result = answer["verificationResult"]
        certificate, statement = result["signature"]["certificate"], result["statement"]
        fields = ("subjectAlternativeName", "issuer")
        given = [certificate[name] for name in fields]
        given += [certificate.get(f"sourceRepository{name}", "") for name in ("URI", "Digest", "Ref")]
        signer = Signer(*(str(value) for value in given))
        read_statement("application/vnd.in-toto+json", json.dumps(statement).encode(), image.digest or "")
    except (KeyError, TypeError, AttributeError, Refused):
        raise _not_understood("gh") from None
    if statement.get("predicateType") != _PROVENANCE:
        raise _not_understood("gh")
    _judge(signer, demand, "gh")
    return Verified("GitHub's attestations", signer, None, program, statement)


def _judge(signer: Signer, demand: SignerDemand, name: str) -> None:
    try:
        judge_signer(signer, demand)
    except Refused as refused:
        raise CouldNotLook(f"{name} says yes, but the signature {refused.message}", refused.hint) from refused


def _program(name: str, environ: Mapping[str, str], demand: SignerDemand) -> str:
    found = find_program(name, environ)
    if found is None:
        raise NotThere(f"nothing here can verify: neither the extra `verify` nor {name} is installed", INSTALL)
    if demand.trust_root is not None:
        raise CouldNotLook(f"only the extra `verify` can use a trust root of your own, not {name}", INSTALL)
    return found


def _run(argv: Sequence[str], environ: Mapping[str, str], deadline: Deadline) -> Completed:
    return run(argv, deadline=deadline, env=environ, max_output=_OUTPUT)


def _by_digest(image: "ImageReference") -> str:
    return f"{image.name}@{image.digest}"


def _demand_yes(done: Completed, name: str, words: Sequence[str]) -> Completed:
    if done.exit_code != 0:
        shown = " ".join(word if re.fullmatch(r"[\w./:@=-]+", word) else f"'{word}'" for word in words)
        raise CouldNotLook(
            f"{name} does not verify the image (exit code {done.exit_code}); it does not say why in a form to rely on",
            f"Look why: {name} {printable(shown, 500)}",
        )
    return done


def _json(done: Completed) -> dict[str, Any]:
    try:
        value = json.loads(done.stdout)
    except (ValueError, RecursionError):
        value = None
    return value if isinstance(value, dict) else {}


def _list(done: Completed, name: str) -> list[Any]:
    try:
        value = json.loads(done.stdout)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, list) or not value:
        raise _not_understood(name)
    return value


def _unknown(name: str) -> CouldNotLook:
    return CouldNotLook(f"the {name} on PATH is not of a version that is known here", INSTALL)


def _not_understood(name: str) -> CouldNotLook:
    return CouldNotLook(
        f"{name} says yes, but its output does not show that it means the pinned digest and signer", INSTALL
    )
