"""preflight/registry/tokens.py"""

import json
from dataclasses import replace

import pytest

from preflight.http.client import Answer, Request
from preflight.http.errors import BadAnswer, Forbidden
from preflight.lib.deadline import Deadline
from preflight.registry.credentials import Credentials
from preflight.registry.tokens import Authenticator, RegistryRepository

PLACE = RegistryRepository("registry.example", "registry.example", "https://registry.example", "a/b")
BEARER = 'Bearer realm="https://registry.example/token",service="registry.example",scope="repository:a/b:pull"'
LOGIN = Credentials("the file", "me", "hunter2")


class Service:
    """A token service that hands out what it is told; remembers what it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.answers, self.asked = list(answers), list[Request]()

    def fetch(self, request: Request, _deadline: Deadline) -> Answer:
        """Answer the next one."""
        self.asked.append(request)
        return self.answers.pop(0) if self.answers else token("again")


class Store:
    """Knows one login, or none."""

    def __init__(self, credentials: Credentials | None = None) -> None:
        self._credentials = credentials

    def find(self, _registry: str, _deadline: Deadline) -> Credentials | None:
        """Return it."""
        return self._credentials


def token(text: object, name: str = "token") -> Answer:
    """Return what a token service answers."""
    return Answer(200, {}, json.dumps({name: text}).encode())


def soon() -> Deadline:
    """Time enough."""
    return Deadline.after(10)


def answer(
    service: Service, credentials: Credentials | None = None, header: str = BEARER, refused: str = ""
) -> tuple[str, Authenticator]:
    """Meet a challenge."""
    auth = Authenticator(service, Store(credentials), frozenset())
    return auth.answer(PLACE, header, refused, soon()), auth


@pytest.mark.parametrize("name", ["token", "access_token"])
def test_a_token_is_asked_for_once(name: str) -> None:
    """With service and scope, as whoever has no login; it is kept for the repository."""
    service = Service(token("t1", name))
    header, auth = answer(service)

    assert header == "Bearer t1" == auth.known(PLACE)
    assert auth.known(replace(PLACE, repository="other")) == ""
    assert auth.identity("registry.example") == "anonymous"
    [asked] = service.asked
    assert asked.url == ("https://registry.example/token?service=registry.example&scope=repository%3Aa%2Fb%3Apull")
    assert "Authorization" not in asked.headers


def test_a_login_goes_to_the_registrys_own_service_only() -> None:
    """A realm elsewhere is asked without it, and that is said."""
    service = Service(token("t1"))
    _, auth = answer(service, LOGIN)
    assert service.asked[0].headers["Authorization"] == LOGIN.basic
    assert auth.identity("registry.example") == "the file"
    assert auth.has_login("registry.example")

    service = Service(token("t1"))
    _, auth = answer(service, LOGIN, BEARER.replace("registry.example/token", "evil.example/token"))
    assert "Authorization" not in service.asked[0].headers
    assert "not sent to the foreign token realm evil.example" in auth.identity("registry.example")
    assert not auth.has_login("registry.example")


def test_an_identity_token_is_exchanged() -> None:
    """As OAuth 2 has it, in the body and not in the address."""
    service = Service(token("t1", "access_token"))
    answer(service, Credentials("the helper", identity_token="secret-identity"))

    [asked] = service.asked
    assert (asked.method, asked.url) == ("POST", "https://registry.example/token")
    assert b"grant_type=refresh_token" in (asked.body or b"")
    assert b"refresh_token=secret-identity" in (asked.body or b"")


@pytest.mark.parametrize(
    ("header", "credentials", "value"),
    [
        ("", LOGIN, ""),
        ("Negotiate", LOGIN, ""),
        ('Basic realm="x"', LOGIN, LOGIN.basic),
        ('Basic realm="x"', None, ""),
        (BEARER, Credentials("the file", registry_token="direct"), "Bearer direct"),
    ],
)
def test_what_needs_no_service(header: str, credentials: Credentials | None, value: str) -> None:
    """A password, or a token that the login holds already."""
    service = Service()
    assert answer(service, credentials, header)[0] == value
    assert not service.asked


def test_what_was_refused_is_not_handed_out_again() -> None:
    """A loop would follow."""
    assert answer(Service(token("t1")), refused="Bearer t1")[0] == ""


@pytest.mark.parametrize("text", ["", "a b", "a\r\nX: y", None, 3])
def test_what_could_be_another_header_is_no_token(text: object) -> None:
    """It is refused, not sent."""
    with pytest.raises(BadAnswer, match="is empty or no token"):
        answer(Service(token(text)))


def test_a_service_that_refuses() -> None:
    """It says as whom we asked."""
    with pytest.raises(Forbidden, match=r"\(the file, 403"):
        answer(Service(Answer(403, {}, b"{}")), LOGIN)


def test_without_the_login() -> None:
    """A token is asked for as by a stranger, and from then on nobody tries the login again."""
    service = Service(token("mine"), token("strangers"))
    _, auth = answer(service, LOGIN)
    header = auth.without_login(PLACE, BEARER, soon())

    assert header == "Bearer strangers"
    assert "Authorization" not in service.asked[1].headers
    auth.say_refused(PLACE, header)
    assert (auth.known(PLACE), auth.refused_login("registry.example")) == (header, "the file")
    assert not auth.has_login("registry.example")
    auth.answer(replace(PLACE, repository="other"), BEARER, "", soon())
    assert "Authorization" not in service.asked[2].headers
    assert auth.without_login(PLACE, 'Basic realm="x"', soon()) == ""
