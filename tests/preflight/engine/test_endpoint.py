"""preflight/engine/endpoint.py."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from preflight.engine.endpoint import DEFAULT_SOCKET, Endpoint, TlsFiles, find_endpoint
from preflight.errors import CouldNotLook


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home without a Docker configuration."""
    return tmp_path


def configure(home: Path, **content: Any) -> None:
    """Write config.json."""
    (home / ".docker").mkdir(exist_ok=True)
    (home / ".docker" / "config.json").write_text(json.dumps(content))


def add_context(home: Path, name: str, host: Any, **docker: Any) -> Path:
    """Write a context as `docker context create` does; return the folder for its TLS files."""
    key = hashlib.sha256(name.encode()).hexdigest()
    meta = home / ".docker" / "contexts" / "meta" / key / "meta.json"
    meta.parent.mkdir(parents=True)
    meta.write_text(json.dumps({"Name": name, "Endpoints": {"docker": {"Host": host, **docker}}}))
    return home / ".docker" / "contexts" / "tls" / key / "docker"


def certificates(folder: Path, *names: str) -> Path:
    """Make a folder with these files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_text("made up")
    return folder


def test_the_default_socket(home: Path) -> None:
    """Nothing is set."""
    endpoint = find_endpoint({"HOME": str(home)})
    assert endpoint == Endpoint(DEFAULT_SOCKET)
    assert endpoint.socket == Path("/var/run/docker.sock")
    assert endpoint.name == "/var/run/docker.sock"


def test_without_a_home_the_user_database_is_asked() -> None:
    """Cron's bare environment."""
    assert find_endpoint({"DOCKER_CONTEXT": "default"}) == Endpoint(DEFAULT_SOCKET)


def test_without_a_home_and_without_a_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container that runs as a number."""
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)
    assert find_endpoint({}) == Endpoint(DEFAULT_SOCKET)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("unix:///run/user/1000/docker.sock", "unix:///run/user/1000/docker.sock"),
        ("tcp://10.0.0.1:2375", "http://10.0.0.1:2375"),
        ("tcp://10.0.0.1", "http://10.0.0.1:2375"),
        ("tcp://[::1]:2375/", "http://[::1]:2375"),
        ("https://10.0.0.1", "https://10.0.0.1:2376"),
    ],
)
def test_docker_host(home: Path, host: str, url: str) -> None:
    """In every form that can be asked; it overrides everything else."""
    configure(home, currentContext="other")
    endpoint = find_endpoint({"HOME": str(home), "DOCKER_HOST": host, "DOCKER_CONTEXT": "another"})
    assert endpoint.url == url
    assert endpoint.source == "DOCKER_HOST"


@pytest.mark.parametrize(
    "host",
    [
        "/var/run/docker.sock",
        "unix://relative",
        "unix:///" + "x" * 200,
        "tcp://",
        "tcp://host:port",
        "tcp://host:99999",
        "tcp://name:geheim@host:1",
        "npipe:////./pipe/docker_engine",
        "fd://",
        "nonsense",
    ],
)
def test_a_docker_host_that_names_no_engine(home: Path, host: str) -> None:
    """One line that quotes none of it, since a password may stand there."""
    with pytest.raises(CouldNotLook, match=r"^DOCKER_HOST names no engine that can be asked") as caught:
        find_endpoint({"HOME": str(home), "DOCKER_HOST": host})
    assert "geheim" not in caught.value.message + caught.value.hint


def test_ssh_is_said_to_be_out_of_reach(home: Path) -> None:
    """The deploy host is judged on the deploy host."""
    with pytest.raises(CouldNotLook, match="through ssh") as caught:
        find_endpoint({"HOME": str(home), "DOCKER_HOST": "ssh://me@host"})
    assert "on the deploy host itself" in caught.value.hint


def test_the_context_of_the_environment(home: Path) -> None:
    """It overrides that of the configuration."""
    add_context(home, "one", "unix:///one.sock")
    add_context(home, "two", "unix:///two.sock")
    configure(home, currentContext="one")
    assert find_endpoint({"HOME": str(home)}).url == "unix:///one.sock"
    endpoint = find_endpoint({"HOME": str(home), "DOCKER_CONTEXT": "two"})
    assert endpoint.url == "unix:///two.sock"
    assert endpoint.name == "/two.sock (the Docker context 'two')"
    assert find_endpoint({"HOME": str(home), "DOCKER_CONTEXT": "default"}).url == DEFAULT_SOCKET
    assert find_endpoint({"DOCKER_CONFIG": str(home / ".docker")}).url == "unix:///one.sock"


@pytest.mark.parametrize("content", ["", "{}", '{"currentContext": 7}', '{"auths": {}}'])
def test_a_configuration_without_context(home: Path, content: str) -> None:
    """Names the default socket."""
    configure(home)
    (home / ".docker" / "config.json").write_text(content)
    assert find_endpoint({"HOME": str(home)}).url == DEFAULT_SOCKET


@pytest.mark.parametrize(
    ("content", "words"),
    [("{", "is not valid JSON"), ("[" * 100_000, "is not valid JSON"), ("[]", "not a JSON object")],
)
def test_a_broken_configuration(home: Path, content: str, words: str) -> None:
    """Which engine is meant cannot be known."""
    configure(home)
    (home / ".docker" / "config.json").write_text(content)
    with pytest.raises(CouldNotLook, match=words):
        find_endpoint({"HOME": str(home)})


def test_a_context_that_is_not_there(home: Path) -> None:
    """The list of contexts tells which are."""
    with pytest.raises(CouldNotLook, match="the Docker context 'none' is not there") as caught:
        find_endpoint({"HOME": str(home), "DOCKER_CONTEXT": "none"})
    assert "docker context ls" in caught.value.hint


@pytest.mark.parametrize("host", [None, "", 7])
def test_a_context_without_engine(home: Path, host: Any) -> None:
    """Such as one for Kubernetes only."""
    add_context(home, "one", host)
    with pytest.raises(CouldNotLook, match="the Docker context 'one' names no engine"):
        find_endpoint({"HOME": str(home), "DOCKER_CONTEXT": "one"})


def test_a_context_with_ssh(home: Path) -> None:
    """The context is named, not DOCKER_HOST."""
    add_context(home, "far", "ssh://far")
    with pytest.raises(CouldNotLook, match=r"^the Docker context 'far' reaches the Docker engine through ssh"):
        find_endpoint({"HOME": str(home), "DOCKER_CONTEXT": "far"})


def test_tls_of_the_environment(home: Path) -> None:
    """As the docker command reads it."""
    folder = certificates(home / "certs", "ca.pem", "cert.pem", "key.pem")
    environ = {"HOME": str(home), "DOCKER_HOST": "tcp://host", "DOCKER_CERT_PATH": str(folder)}
    all_files = (folder / "ca.pem", folder / "cert.pem", folder / "key.pem")

    assert find_endpoint(environ).tls is None
    verified = find_endpoint({**environ, "DOCKER_TLS_VERIFY": "1"})
    assert verified.tls == TlsFiles(True, *all_files)
    assert verified.url == "https://host:2376"
    trusting = find_endpoint({**environ, "DOCKER_TLS": "1"}).tls
    assert trusting is not None
    assert not trusting.verify


def test_tls_without_a_client_certificate(home: Path) -> None:
    """The engine's own is checked all the same."""
    folder = certificates(home / ".docker", "ca.pem")
    tls = find_endpoint({"HOME": str(home), "DOCKER_HOST": "tcp://host", "DOCKER_TLS_VERIFY": "1"}).tls
    assert tls == TlsFiles(verify=True, ca=folder / "ca.pem")


@pytest.mark.parametrize(
    ("names", "missing"),
    [((), "ca.pem"), (("ca.pem", "cert.pem"), "key.pem"), (("ca.pem", "key.pem"), "cert.pem")],
)
def test_a_missing_tls_file_is_named(home: Path, names: tuple[str, ...], missing: str) -> None:
    """With the variable that says where to look."""
    folder = certificates(home / "certs", *names)
    environ = {"DOCKER_HOST": "tcp://host", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(folder)}
    with pytest.raises(CouldNotLook, match=f"there is no file .*{missing}") as caught:
        find_endpoint({"HOME": str(home), **environ})
    assert "DOCKER_CERT_PATH" in caught.value.hint


def test_tls_of_a_context(home: Path) -> None:
    """Its files lie beside it; without them TCP is plain, unless it says not to verify."""
    folder = certificates(add_context(home, "one", "tcp://host:1"), "ca.pem", "cert.pem", "key.pem")
    add_context(home, "plain", "tcp://host:1")
    add_context(home, "trusting", "tcp://host:1", SkipTLSVerify=True)

    one = find_endpoint({"HOME": str(home), "DOCKER_CONTEXT": "one"}).tls
    assert one == TlsFiles(True, folder / "ca.pem", folder / "cert.pem", folder / "key.pem")
    assert find_endpoint({"HOME": str(home), "DOCKER_CONTEXT": "plain"}).tls is None
    assert find_endpoint({"HOME": str(home), "DOCKER_CONTEXT": "trusting"}).tls == TlsFiles(verify=False)
