"""Proving who we are: from a registry's challenge to an `Authorization` header.

Follows the distribution project's "Token Authentication Specification" and its OAuth2 variant. Credentials
go to the registry itself, or to a token realm of its own; a realm elsewhere is asked anonymously.
"""

import threading
from dataclasses import replace
from typing import Protocol
from urllib.parse import urlencode

from preflight.http import errors as http_errors
from preflight.http.client import Answer, Request
from preflight.lib.deadline import Deadline
from preflight.lib.once import Once
from preflight.lib.records import frozen
from preflight.lib.regex import regex
from preflight.lib.text import printable
from preflight.registry.answers import read_json, refusal
from preflight.registry.challenge import Challenge, Realm, judge_realm, parse_challenges, pick
from preflight.registry.credentials import Credentials

_TOKEN_LIMIT = 1 << 20
_OK = 200
_SENDABLE = regex(r"[\x21-\x7e]+")


class Fetcher(Protocol):
    """What asks over HTTP."""

    def fetch(self, request: Request, deadline: Deadline) -> Answer:
        """Ask once, or more often where that helps."""


class Store(Protocol):
    """What knows credentials."""

    def find(self, registry: str, deadline: Deadline) -> Credentials | None:
        """Return those for a registry, or None."""


@frozen
class RegistryRepository:
    """One repository in one registry.

    Args:
        registry: As in image references.
        host: The API's host and port.
        base: `https://HOST`, or `http://HOST` where that is allowed.
        repository: Path of the repository.
    """

    registry: str
    host: str
    base: str
    repository: str

    @property
    def name(self) -> str:
        """Registry and repository, fit to show."""
        return printable(f"{self.registry}/{self.repository}", 200)


class Authenticator:
    """Authorizations by repository, kept for the run; thread-safe.

    Args:
        http: For the token service.
        store: For credentials.
        insecure: Hosts with which plain HTTP is allowed.
        push: Ask for the right to push, too. GHCR's challenge names the right to pull whatever is asked.
    """

    def __init__(self, http: Fetcher, store: Store, insecure: frozenset[str], *, push: bool = False) -> None:
        self._http, self._store, self._insecure, self._push = http, store, insecure, push
        self._headers: dict[RegistryRepository, str] = {}
        self._identities: dict[str, str] = {}
        self._logins: dict[str, str] = {}
        self._refused: dict[str, str] = {}
        self._lock = threading.Lock()
        self._tokens: Once[str] = Once()

    def known(self, place: RegistryRepository) -> str:
        """Return the header that worked before, or the empty string."""
        with self._lock:
            return self._headers.get(place, "")

    def identity(self, registry: str) -> str:
        """Return as whom we ask there, fit to show: "anonymous", or where the credentials stand."""
        with self._lock:
            return self._identities.get(registry, "anonymous")

    def refused_login(self, registry: str) -> str:
        """Return where the login stands that a registry refused, though it answers without one; empty for none."""
        with self._lock:
            return self._refused.get(registry, "")

    def has_login(self, registry: str) -> bool:
        """Whether a registry was asked with a login, and not without one since."""
        with self._lock:
            return registry in self._logins and registry not in self._refused

    def without_login(self, place: RegistryRepository, header: str, deadline: Deadline) -> str:
        """Return an `Authorization` header for somebody without a login; empty if the challenge wants one.

        Raises:
            CouldNotLook: No token is to be had.
        """
        challenge = pick(parse_challenges(header))
        if challenge is None or challenge.scheme == "basic":
            return ""
        return self._token(place, challenge, None, "login", deadline)

    def say_refused(self, place: RegistryRepository, header: str) -> None:
        """Note that a registry answers without the login that it refused, and with which header."""
        with self._lock:
            source = self._logins.get(place.registry, "Docker's config.json")
            self._refused[place.registry] = source
            self._identities[place.registry] = f"anonymous: the login in {source} is refused"
            self._headers[place] = header

    def answer(self, place: RegistryRepository, header: str, refused: str, deadline: Deadline) -> str:
        """Return an `Authorization` header that meets a challenge; empty if nothing can.

        Args:
            place: What is asked for.
            header: `WWW-Authenticate` of the 401.
            refused: The authorization that was just refused, or empty; it is not handed out again.
            deadline: For the token service and credential helpers.

        Raises:
            CouldNotLook: No token is to be had.
        """
        challenge = pick(parse_challenges(header))
        if challenge is None:
            return ""
        credentials = self._store.find(place.registry, deadline)
        if credentials is not None and self.refused_login(place.registry):
            credentials = None
        if credentials is not None:
            self._say(place, credentials.source)
            with self._lock:
                self._logins[place.registry] = credentials.source
        if credentials is not None and credentials.registry_token:
            value = _bearer(credentials.registry_token, place.registry)
        elif challenge.scheme == "basic":
            value = credentials.basic if credentials else ""
        else:
            value = self._token(place, challenge, credentials, refused, deadline)
        if not value or value == refused:
            return ""
        with self._lock:
            self._headers[place] = value
        return value

    def _token(
        self,
        place: RegistryRepository,
        challenge: Challenge,
        credentials: Credentials | None,
        refused: str,
        deadline: Deadline,
    ) -> str:
        realm = judge_realm(challenge.get("realm"), place.host, self._insecure)
        if credentials is not None and not realm.trusted:
            self._say(place, f"anonymous: credentials not sent to the foreign token realm {printable(realm.host, 60)}")
            credentials = None
            with self._lock:
                self._logins.pop(place.registry, None)
        scope = f"repository:{place.repository}:pull,push" if self._push else challenge.get("scope")
        wish = _Wish(place, realm, challenge.get("service"), scope, credentials)
        # A refused token is part of the question: those whose token has run out share one fresh one.
        key = (place, realm.url, wish.service, wish.scope, refused)
        return self._tokens.get(key, lambda: self._fetch(wish, deadline), deadline, f"a token for {place.name}")

    def _fetch(self, wish: "_Wish", deadline: Deadline) -> str:
        answer = self._http.fetch(wish.request(), deadline)
        place = wish.place
        if answer.status != _OK:
            raise refusal(answer, printable(place.registry, 120), place.name, self.identity(place.registry))
        data = read_json(answer, printable(wish.realm.host, 120), "its token")
        return _bearer(data.get("token") or data.get("access_token"), place.registry)

    def _say(self, place: RegistryRepository, identity: str) -> None:
        with self._lock:
            self._identities[place.registry] = identity


@frozen
class _Wish:
    """One token to be asked for."""

    place: RegistryRepository
    realm: Realm
    service: str
    scope: str
    credentials: Credentials | None

    def request(self) -> Request:
        scope = self.scope or f"repository:{self.place.repository}:pull"
        fields = [("service", self.service)] if self.service else []
        if self.credentials is not None and self.credentials.identity_token:
            return self._refresh([*fields, ("scope", scope)], self.credentials.identity_token)
        fields += [("scope", one) for one in scope.split()]
        joint = "&" if "?" in self.realm.url else "?"
        request = Request("GET", f"{self.realm.url}{joint}{urlencode(fields)}", {}, _TOKEN_LIMIT)
        basic = self.credentials.basic if self.credentials else ""
        return replace(request, headers={"Authorization": basic}) if basic else request

    def _refresh(self, fields: list[tuple[str, str]], identity_token: str) -> Request:
        form = [
            ("grant_type", "refresh_token"),
            ("client_id", "preflight"),
            ("refresh_token", identity_token),
            *fields,
        ]
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return Request("POST", self.realm.url, headers, _TOKEN_LIMIT, urlencode(form).encode())


def _bearer(token: object, registry: str) -> str:
    """Return the header for a token; one that could smuggle in another header is no token."""
    if not isinstance(token, str) or not _SENDABLE.fullmatch(token):
        raise http_errors.BadAnswer(
            f"the token for {printable(registry, 120)} is empty or no token",
            "Try again; if it stays so, ask the registry's owner.",
        )
    return f"Bearer {token}"
