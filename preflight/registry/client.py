"""The registry client: manifests and tags, each answer verified, asked for once a run and shared.

Follows the OCI distribution specification 1.1 ("Pulling manifests", "Listing tags"). What writes is in publish.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import quote, urljoin, urlsplit

from preflight.http import errors as http_errors
from preflight.http.client import Answer, Http, Request
from preflight.http.server import Server
from preflight.lib.deadline import Deadline
from preflight.lib.once import Once
from preflight.lib.reference import ImageReference
from preflight.lib.regex import regex
from preflight.lib.text import printable
from preflight.registry import answers, errors
from preflight.registry.blobs import Attachments
from preflight.registry.credentials import CredentialStore
from preflight.registry.pages import Pages, next_page
from preflight.registry.tokens import Authenticator, RegistryRepository
from preflight.registry.values import MANIFEST_TYPES, Manifest, Referrer

MANIFEST_LIMIT = 4 << 20
TAG_PAGE_LIMIT = 8 << 20
_PAGE_SIZE = 1000
REGISTRY = Server(
    check="the registry's name and port in the pin",
    plain_http="If plain HTTP is meant, allow it with --registry-insecure {host}.",
)
_API_HOSTS = {"docker.io": "registry-1.docker.io"}
_REFUSED = frozenset({401, 403})
_OK, _BAD_REQUEST, _UNAUTHORIZED, _NOT_FOUND, _NOT_ALLOWED = 200, 400, 401, 404, 405
_MAX_REDIRECTS = 3
_DIGEST = regex(r"[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-f]{32,}")
_NO_BODY = frozenset({_NOT_FOUND, _NOT_ALLOWED, 501})


class Client:
    """Asks registries; thread-safe, one for a run. The door to it is `Registry`, which says what it raises.

    Args:
        environ: Proxies, certificate bundles, and where Docker's credentials are.
        insecure: Hosts (with port, as in image references) that are asked over plain HTTP. No other host ever is.
    """

    def __init__(self, environ: Mapping[str, str], insecure: frozenset[str]) -> None:
        self._insecure = frozenset(host.strip().lower() for host in insecure)
        self._http = Http(environ, REGISTRY)
        self._credentials = CredentialStore(environ)
        self._auth = Authenticator(self._http, self._credentials, self._insecure)
        self._manifests: Once[Manifest] = Once()
        self._tags: Once[tuple[str, ...]] = Once()
        self._attachments = Attachments(self._http, self._ask, self._demand_ok, self._insecure)
        self._blobs: Once[bytes] = Once()
        self._known_blobs: Once[bool] = Once()
        self._referrers: Once[tuple[Referrer, ...]] = Once()

    def head_manifest(self, image: ImageReference, deadline: Deadline) -> Manifest:
        """Ask whether a manifest is there; see ``Registry``."""
        key = ("HEAD", image.name, _reference(image))
        return self._manifests.get(key, lambda: self._head(image, deadline), deadline, image.name)

    def get_manifest(self, image: ImageReference, deadline: Deadline) -> Manifest:
        """Fetch a manifest; see ``Registry``."""
        key = ("GET", image.name, _reference(image))
        return self._manifests.get(key, lambda: self._get(image, deadline), deadline, image.name)

    def refetch_manifest(self, image: ImageReference, deadline: Deadline) -> Manifest:
        """Fetch a manifest again; see ``Registry``."""
        return self._get(image, deadline)

    def put_manifest(self, image: ImageReference, manifest: Manifest, deadline: Deadline) -> None:
        """Put a manifest under a tag; see ``Registry``."""
        from preflight.registry.publish import ManifestWriter

        writer = ManifestWriter(self._http, Authenticator(self._http, self._credentials, self._insecure, push=True))
        writer.put(self._place(image.registry, image.repository), _reference(image), manifest, deadline)

    def tags(self, registry: str, repository: str, deadline: Deadline) -> tuple[str, ...]:
        """Return all tags of a repository; see ``Registry``."""
        place = self._place(registry, repository)
        return self._tags.get(place, lambda: self._all_tags(place, deadline), deadline, place.name)

    def get_blob(self, image: ImageReference, digest: str, limit: int, deadline: Deadline) -> bytes:
        """Fetch a blob; see ``Registry``."""
        place = self._place(image.registry, image.repository)

        return self._blobs.get(
            (place, digest), lambda: self._attachments.blob(place, digest, limit, deadline), deadline, place.name
        )

    def has_blob(self, image: ImageReference, digest: str, deadline: Deadline) -> bool:
        """Ask whether a blob is there; see ``Registry``."""
        place = self._place(image.registry, image.repository)
        return self._known_blobs.get(
            (place, digest), lambda: self._attachments.has_blob(place, digest, deadline), deadline, place.name
        )

    def referrers(self, image: ImageReference, deadline: Deadline) -> tuple[Referrer, ...]:
        """Return what refers to an image; see ``Registry``."""
        place = self._place(image.registry, image.repository)

        def fetch() -> tuple[Referrer, ...]:
            return self._attachments.referrers(place, image, lambda tag: self.get_manifest(tag, deadline), deadline)

        return self._referrers.get((place, image.digest), fetch, deadline, place.name)

    def identity(self, registry: str) -> str:
        """Return as whom that registry has been asked so far; see ``Registry``."""
        return self._auth.identity(registry.lower())

    def refused_login(self, registry: str) -> str:
        """Return where a refused login stands; see ``Registry``."""
        return self._auth.refused_login(registry.lower())

    def _place(self, registry: str, repository: str) -> RegistryRepository:
        name = registry.lower()
        scheme = "http" if name in self._insecure else "https"
        try:
            usable = urlsplit(f"{scheme}://{name}").port != 0
        except ValueError:
            usable = False
        if not usable:
            message = f"{printable(registry, 120)} is not a host that can be asked"
            raise http_errors.Unreachable(message, f"Check {REGISTRY.check}.")
        host = _API_HOSTS.get(name, name).removesuffix(":443" if scheme == "https" else ":80")
        return RegistryRepository(name, host, f"{scheme}://{host}", repository)

    def _head(self, image: ImageReference, deadline: Deadline) -> Manifest:
        place = self._place(image.registry, image.repository)
        answer = self._ask(place, _manifest("HEAD", place, image), deadline)
        if answer.status in _NO_BODY:
            return self._get(image, deadline)  # only a GET says which 404 it is
        self._demand_ok(answer, place, _shown(image))
        digest = answer.headers.get("docker-content-digest", "").strip()
        if not digest:
            return self._get(image, deadline)
        if not _DIGEST.fullmatch(digest):
            raise http_errors.BadAnswer(
                f"{_host(place)} answers with a digest that is none", "Look at the proxy before the registry."
            )
        media_type = _media_type(answer, place)
        if image.digest and digest != image.digest:
            raise _wrong_digest(image, place)
        size = answer.headers.get("content-length", "")
        return Manifest(digest, media_type, int(size[:18]) if size.isascii() and size.isdigit() else None)

    def _get(self, image: ImageReference, deadline: Deadline) -> Manifest:
        import hashlib

        place = self._place(image.registry, image.repository)
        answer = self._ask(place, _manifest("GET", place, image), deadline)
        self._demand_ok(answer, place, _shown(image))
        media_type = _media_type(answer, place)
        digest = "sha256:" + hashlib.sha256(answer.body).hexdigest()
        claimed = answer.headers.get("docker-content-digest", "").strip()
        if digest != (image.digest or digest) or (claimed.startswith("sha256:") and claimed != digest):
            raise _wrong_digest(image, place)
        return Manifest(digest, media_type, len(answer.body), answer.body)

    def _all_tags(self, place: RegistryRepository, deadline: Deadline) -> tuple[str, ...]:
        pages = Pages(_host(place))
        path = f"/v2/{quote(place.repository)}/tags/list"
        url: str | None = f"{place.base}{path}?n={_PAGE_SIZE}"
        while url is not None:
            pages.turn_to(url)
            answer = self._ask(place, Request("GET", url, {"Accept": "application/json"}, TAG_PAGE_LIMIT), deadline)
            if answer.status == _BAD_REQUEST and url.endswith(f"{path}?n={_PAGE_SIZE}"):
                url = f"{place.base}{path}"  # a registry whose pages are smaller, and that does not just cut them
                continue
            self._demand_ok(answer, place, place.name)
            data = answers.read_json(answer, _host(place), "its list of tags")
            if "tags" not in data:
                raise answers.not_a_registry(_host(place))
            pages.add(data["tags"])
            url = next_page(answer.headers.get("link", ""), url, place.base, _host(place))
        return pages.tags

    def _demand_ok(self, answer: Answer, place: RegistryRepository, what: str) -> None:
        if answer.status != _OK:
            raise answers.refusal(answer, _host(place), what, self._auth.identity(place.registry))

    def _ask(
        self,
        place: RegistryRepository,
        request: Request,
        deadline: Deadline,
        follow: Callable[[Request, RegistryRepository, Deadline], Answer] | None = None,
    ) -> Answer:
        """Ask with the authorization known, once more with a fresh one if that is refused, and then without a login."""
        known, follow = self._auth.known(place), follow or self._follow
        answer = follow(_authorized(request, known), place, deadline)
        if answer.status != _UNAUTHORIZED:
            return answer
        challenge = answer.headers.get("www-authenticate", "")
        try:
            header = self._auth.answer(place, challenge, known, deadline)
            answer = follow(_authorized(request, header), place, deadline) if header else answer
            problem = None
        except http_errors.NotReadable as refusal:  # by the token service
            problem = refusal
        if problem is not None or answer.status in _REFUSED:
            anonymous = self._without_login(request, place, challenge, deadline, follow)
            if anonymous is not None:
                return anonymous
        if problem is not None:
            raise problem
        return answer

    def _without_login(
        self,
        request: Request,
        place: RegistryRepository,
        challenge: str,
        deadline: Deadline,
        follow: Callable[[Request, RegistryRepository, Deadline], Answer],
    ) -> Answer | None:
        """Ask without a login where there is one; None where that helps nothing: a login may be out of date."""
        if not self._auth.has_login(place.registry):
            return None
        try:
            header = self._auth.without_login(place, challenge, deadline)
            answer = follow(_authorized(request, header), place, deadline) if header else None
        except http_errors.HttpError:
            return None
        if answer is None or answer.status >= _BAD_REQUEST:
            return None
        self._auth.say_refused(place, header)
        return answer

    def _follow(self, request: Request, place: RegistryRepository, deadline: Deadline) -> Answer:
        """Ask, following redirects within the registry's own origin only."""
        for _ in range(_MAX_REDIRECTS + 1):
            answer = self._http.fetch(request, deadline)
            if not answers.is_redirect(answer):
                return answer
            try:
                target = urljoin(request.url, answer.headers["location"])
            except ValueError:  # brackets that are no address
                raise answers.redirected(_host(place)) from None
            if not target.isprintable() or not target.startswith(f"{place.base}/"):
                raise answers.redirected(_host(place))
            request = replace(request, url=target)
        raise http_errors.BadAnswer(f"{_host(place)} redirects in a circle", "Look at the proxy before the registry.")


def _reference(image: ImageReference) -> str:
    return image.digest or image.tag or "latest"


def _manifest(method: str, place: RegistryRepository, image: ImageReference) -> Request:
    path = f"/v2/{quote(image.repository)}/manifests/{quote(_reference(image), safe=':')}"
    return Request(method, place.base + path, {"Accept": ", ".join(MANIFEST_TYPES)}, MANIFEST_LIMIT)


def _authorized(request: Request, header: str) -> Request:
    return replace(request, headers={**request.headers, "Authorization": header}) if header else request


def _host(place: RegistryRepository) -> str:
    return printable(place.registry, 120)


def _shown(image: ImageReference) -> str:
    """Return the image fit for a message: a digest with its first twelve digits, as docker shows it."""
    end = f"@{image.digest[:19]}…" if image.digest else f":{_reference(image)}"
    return printable(f"{image.registry}/{image.repository}{end}", 220)


def _media_type(answer: Answer, place: RegistryRepository) -> str:
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type in MANIFEST_TYPES:
        return media_type
    if not media_type or answers.looks_like_html(answer):
        raise answers.not_a_registry(_host(place))
    raise http_errors.BadAnswer(
        f"{_host(place)} answers with {printable(media_type, 80)}, which is no manifest that can be pulled",
        "Check the name in the pin: it must name an image.",
    )


def _wrong_digest(image: ImageReference, place: RegistryRepository) -> errors.WrongDigest:
    return errors.WrongDigest(
        f"{_host(place)} answers for {_shown(image)} with other bytes",
        "Do not deploy: the registry, or a proxy before it, changes what it hands out. Ask its owner.",
    )
