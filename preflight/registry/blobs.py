"""Blobs and referrers: what is attached to an image (OCI distribution 1.1, "Pulling blobs", "Listing Referrers")."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote, urljoin, urlsplit

from preflight.http import errors as http_errors
from preflight.http.client import Answer, Http, Request
from preflight.lib.deadline import Deadline
from preflight.lib.records import frozen
from preflight.lib.reference import ImageReference, is_digest
from preflight.lib.text import printable
from preflight.registry import answers, errors
from preflight.registry.pages import next_page
from preflight.registry.tokens import RegistryRepository
from preflight.registry.values import OCI_INDEX, Manifest, Referrer

REFERRERS_LIMIT = 4 << 20
MAX_REFERRERS = 256
_MAX_PAGES = 16
_MAX_REDIRECTS = 3
_PROBE = 65536
_OK, _PARTIAL, _NOT_FOUND = 200, 206, 404
_NO_HEAD = frozenset({400, 403, 405, 501})
# What registries without the API say: 404, and (go-containerregistry, zot, Harbor, GHCR's web page) these.
_UNSUPPORTED = frozenset({301, 302, 303, 307, 308, 400, 404, 405, 406, 501})

Follow = Callable[[Request, RegistryRepository, Deadline], Answer]
Ask = Callable[[RegistryRepository, Request, Deadline, Follow], Answer]


@frozen
class Attachments:
    """Reads what is attached; part of the registry client.

    Args:
        http: For redirects away from the registry, which are asked without authorization.
        ask: Asks the registry with authorization, following redirects as it is told.
        demand_ok: Raises for an answer that is not the one hoped for.
        insecure: Hosts with which plain HTTP is allowed.
    """

    http: Http
    ask: Ask
    demand_ok: Callable[[Answer, RegistryRepository, str], None]
    insecure: frozenset[str]

    def blob(self, place: RegistryRepository, digest: str, limit: int, deadline: Deadline) -> bytes:
        """Fetch a blob; see ``Registry.get_blob``. Storage elsewhere is where registries redirect to."""
        request = Request("GET", f"{place.base}/v2/{quote(place.repository)}/blobs/{digest}", {}, limit)
        answer = self.ask(place, request, deadline, self._follow_anywhere)
        self.demand_ok(answer, place, place.name)
        if "sha256:" + hashlib.sha256(answer.body).hexdigest() != digest:
            raise errors.WrongDigest(
                f"{_host(place)} answers for a blob of {place.name} with other bytes",
                "Do not deploy: the registry, or a proxy before it, changes what it hands out. Ask its owner.",
            )
        return answer.body

    def has_blob(self, place: RegistryRepository, digest: str, deadline: Deadline) -> bool:
        """Ask whether a blob is there; see ``Registry.has_blob``."""
        url = f"{place.base}/v2/{quote(place.repository)}/blobs/{digest}"
        answer = self.ask(place, Request("HEAD", url, {}, _PROBE), deadline, self._follow_anywhere)
        if answer.status in _NO_HEAD:
            # Storage elsewhere may have been told to answer a GET and nothing else: ask for the first byte.
            request = Request("GET", url, {"Range": "bytes=0-0"}, _PROBE)
            try:
                answer = self.ask(place, request, deadline, self._follow_anywhere)
            except http_errors.Oversized:  # it begins to send the whole blob
                return True
        if answer.status == _NOT_FOUND:
            return False
        if answer.status not in {_OK, _PARTIAL}:
            self.demand_ok(answer, place, place.name)
        return True

    def referrers(
        self,
        place: RegistryRepository,
        image: ImageReference,
        manifest: Callable[[ImageReference], Manifest],
        deadline: Deadline,
    ) -> tuple[Referrer, ...]:
        """Return what refers to an image; see ``Registry.referrers``."""
        digest = image.digest or ""
        url: str | None = f"{place.base}/v2/{quote(place.repository)}/referrers/{digest}"
        found: list[Referrer] = []
        for page in range(_MAX_PAGES):
            if url is None:
                return _bounded(found, place)
            request = Request("GET", url, {"Accept": OCI_INDEX}, REFERRERS_LIMIT)
            answer = self.ask(place, request, deadline, self._follow_nowhere)
            if page == 0 and _lacks_referrers(answer):
                return _bounded(_fallback(place, image, manifest), place)
            self.demand_ok(answer, place, place.name)
            found += _descriptors(answer.body, place)
            url = next_page(answer.headers.get("link", ""), url, place.base, _host(place))
        raise http_errors.BadAnswer(
            f"{_host(place)}: the pages of what is attached do not end", "Look at the proxy before the registry."
        )

    def _follow_nowhere(self, request: Request, _place: RegistryRepository, deadline: Deadline) -> Answer:
        return self.http.fetch(request, deadline)

    def _follow_anywhere(self, request: Request, place: RegistryRepository, deadline: Deadline) -> Answer:
        for _ in range(_MAX_REDIRECTS + 1):
            answer = self.http.fetch(request, deadline)
            if not answers.is_redirect(answer):
                return answer
            target = self._target(request, answer, place)
            if not target.startswith(f"{place.base}/"):
                self._refuse_unsafe(target, place)
                request = replace(request, headers=_without_authorization(request))
            request = replace(request, url=target)
        raise http_errors.BadAnswer(f"{_host(place)} redirects in a circle", "Look at the proxy before the registry.")

    def _target(self, request: Request, answer: Answer, place: RegistryRepository) -> str:
        try:
            return urljoin(request.url, answer.headers["location"])
        except ValueError:  # brackets that are no address
            raise answers.redirected(_host(place)) from None

    def _refuse_unsafe(self, target: str, place: RegistryRepository) -> None:
        parts = urlsplit(target)
        allowed = parts.scheme == "https" or (parts.scheme == "http" and parts.netloc.lower() in self.insecure)
        if not allowed or not target.isprintable() or "@" in parts.netloc:
            raise answers.redirected(_host(place))


def _without_authorization(request: Request) -> dict[str, str]:
    return {name: value for name, value in request.headers.items() if name.lower() != "authorization"}


def _lacks_referrers(answer: Answer) -> bool:
    """Whether the registry has no such API; then a tag of the clients' own keeps the list."""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return answer.status in _UNSUPPORTED or (answer.status == _OK and kind != OCI_INDEX)


def _fallback(
    place: RegistryRepository, image: ImageReference, manifest: Callable[[ImageReference], Manifest]
) -> tuple[Referrer, ...]:
    """Read the "referrers tag" (the specification's "Referrers Tag Schema")."""
    tag = (image.digest or "").replace(":", "-")
    try:
        answer = manifest(replace(image, tag=tag, digest=None))
    except errors.ManifestUnknown:
        return ()
    return tuple(_descriptors(answer.body, place)) if answer.media_type == OCI_INDEX else ()


def _descriptors(body: bytes, place: RegistryRepository) -> list[Referrer]:
    try:
        manifests = json.loads(body)["manifests"]
        return [_referrer(each) for each in manifests or ()]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise http_errors.BadAnswer(
            f"{_host(place)}: its list of what is attached to {place.name} makes no sense",
            "Look at the proxy before the registry.",
        ) from None


def _referrer(each: object) -> Referrer:
    if not isinstance(each, dict) or not is_digest(each["digest"]):
        raise ValueError("no descriptor")
    kind = each.get("artifactType")
    return Referrer(each["digest"], kind if isinstance(kind, str) else "")


def _bounded(found: "list[Referrer] | tuple[Referrer, ...]", place: RegistryRepository) -> tuple[Referrer, ...]:
    if len(found) > MAX_REFERRERS:
        raise http_errors.Oversized(
            f"{_host(place)}: more than {MAX_REFERRERS} things are attached to the image of {place.name}",
            f"Ask who publishes the image to delete old ones: cosign tree {place.name}@DIGEST lists them. Or leave the "
            "checks of signatures out: --skip image-signature --skip image-provenance.",
        )
    return tuple(dict.fromkeys(found))


def _host(place: RegistryRepository) -> str:
    return printable(place.registry, 120)
