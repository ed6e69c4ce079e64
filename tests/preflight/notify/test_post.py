"""preflight/notify/post.py"""

import time
from pathlib import Path

import pytest

from preflight.lib.deadline import Deadline
from preflight.notify.errors import NotDelivered, Refused
from preflight.notify.post import Post, address
from tests.fakes.authority import make_authority
from tests.real.receiver import Receiver, receiver

SECRET = "s3cret-path"


def post(to: str, *, seconds: float = 5, attempts: int = 1) -> None:
    """Post something."""
    Post({}).send(address(to, "url_env", plain_http=False), b"x", {}, Deadline.after(seconds), attempts=attempts)


def test_what_was_taken(receiver: Receiver) -> None:
    """Any 2xx; the address's user and password become a header."""
    receiver.behaviour = 204
    post(receiver.address.replace("http://", "http://me:p%40ss@") + f"/{SECRET}?a=b")

    [taken] = receiver.taken
    assert taken.path == f"/{SECRET}?a=b"
    assert taken.headers["Authorization"] == "Basic bWU6cEBzcw=="
    assert taken.headers["Host"] == receiver.address.removeprefix("http://")


@pytest.mark.parametrize(
    ("behaviour", "error", "said"),
    [
        (400, Refused, "status 400"),
        (413, Refused, "status 413"),
        (401, NotDelivered, "status 401"),
        (404, NotDelivered, "status 404"),
        (500, NotDelivered, "status 500"),
        ("close", NotDelivered, "closed the connection"),
        ("hang", NotDelivered, "did not answer in time"),
    ],
)
def test_what_was_not(receiver: Receiver, behaviour: int | str, error: type[NotDelivered], said: str) -> None:
    """The message names the host, never the path."""
    receiver.behaviour = behaviour

    with pytest.raises(NotDelivered, match=said) as raised:
        post(f"{receiver.address}/{SECRET}", seconds=0.5)

    assert type(raised.value) is error
    assert SECRET not in raised.value.message + raised.value.hint
    assert "--timeout" not in raised.value.hint, "that option is for the checks"


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    """The credentials, or the address itself, would go elsewhere."""
    with receiver_elsewhere() as other:
        receiver.behaviour, receiver.location = 307, f"{other.address}/stolen"

        with pytest.raises(NotDelivered, match="a redirect, which is not followed"):
            post(f"{receiver.address}/{SECRET}", attempts=3)

        assert other.taken == []


receiver_elsewhere = receiver


def test_trouble_that_passes_is_tried_again(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reset and a 503, within the deadline; no more often than allowed."""
    monkeypatch.setattr("preflight.http.network.backoff", lambda _attempt: 0.01)
    receiver.script = ["close", 503]
    post(receiver.address, attempts=3)
    assert len(receiver.taken) == 3

    receiver.behaviour = 503
    with pytest.raises(NotDelivered):
        post(receiver.address, attempts=2)
    assert len(receiver.taken) == 5


def test_the_deadline_holds(receiver: Receiver) -> None:
    """However many attempts are left."""
    receiver.behaviour = "hang"
    began = time.monotonic()

    with pytest.raises(NotDelivered):
        post(receiver.address, seconds=0.3, attempts=10)

    assert time.monotonic() - began < 3


def test_a_certificate_is_verified(tmp_path: Path) -> None:
    """Nothing is sent to a server that nobody vouches for; who trusts another authority names it."""
    authority = make_authority(tmp_path)
    with receiver(authority.server) as secure:
        to = address(f"{secure.address}/{SECRET}", "url_env", plain_http=False)
        with pytest.raises(NotDelivered, match="is not trusted"):
            Post({}).send(to, b"x", {}, Deadline.after(5))
        assert secure.taken == []

        Post({"SSL_CERT_FILE": str(authority.ca_file)}).send(to, b"x", {}, Deadline.after(5))

    assert secure.paths == [f"/{SECRET}"]


def test_nobody_there_is_said() -> None:
    """A monitor that is down."""
    with receiver() as gone:
        where = gone.address
    with pytest.raises(NotDelivered, match="could not be reached: connection refused"):
        post(f"{where}/{SECRET}")


@pytest.mark.parametrize(
    "text", ["ftp://a/b", "https://", "a/b", "https://a b/c", "https://[::1", "https://a:0/", "https://ä.de/", ""]
)
def test_what_is_no_address(text: str) -> None:
    """It is not quoted: it may be half of a secret."""
    with pytest.raises(NotDelivered, match="url_env is no address of the form https://HOST/PATH"):
        address(text, "url_env", plain_http=True)


def test_plain_http_is_for_this_machine_or_by_choice() -> None:
    """Everybody on the way could read the address, and whoever reads it can ping."""
    with pytest.raises(NotDelivered, match="is an http:// address") as refused:
        address("http://example.com/x", "url_file", plain_http=False)
    assert "plain_http: true" in refused.value.hint

    assert address("http://example.com/x", "url_file", plain_http=True).url == "http://example.com/x"
    assert address("http://user@localhost:1/x", "url_file", plain_http=False).url == "http://localhost:1/x"
    assert "example" not in repr(address("https://u:p@example.com/x", "k", plain_http=False))
