"""What Docker's `config.json` knows of a registry: `auths`, `credHelpers` and `credsStore`, chosen as Docker does.

Rule (docker/cli, `cli/config/configfile`): a helper named for the registry overrides the store for all, and that
overrides the file; a helper that knows nothing means anonymous. Secrets are kept out of every text and `repr`.
"""

import base64
import binascii
import json
import os
import pwd
import re
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from preflight.errors import CouldNotLook
from preflight.lib import process
from preflight.lib.deadline import Deadline
from preflight.lib.files import read_text
from preflight.lib.once import Once
from preflight.lib.records import frozen
from preflight.lib.regex import regex
from preflight.lib.text import printable

_CONFIG_LIMIT = 1 << 20
_HELPER_LIMIT = 1 << 20
_HELPER_S = 10.0
_HELPER_NAME = regex(r"[A-Za-z0-9_.-]+", re.ASCII)
_DOCKER_HUB_KEY = "https://index.docker.io/v1/"
_WHAT = "Docker's credentials"
_IDENTITY_USER = "<token>"
"""The name that helpers give where the secret is an identity token."""


@frozen
class Credentials:
    """What to prove our identity with.

    Args:
        source: Where they stand, fit to show.
        username: For basic authentication; empty when there is an identity or registry token.
        password: Likewise.
        identity_token: A refresh token for the registry's token service, or empty.
        registry_token: A token to be sent to the registry as it is, or empty.
    """

    source: str
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)
    registry_token: str = field(default="", repr=False)

    @property
    def basic(self) -> str:
        """The value of a basic `Authorization` header; empty without a user name."""
        if not self.username:
            return ""
        pair = f"{self.username}:{self.password}".encode()
        return "Basic " + base64.b64encode(pair).decode("ascii")


class CredentialStore:
    """Docker's credentials of the user who runs us; thread-safe, each registry looked up once.

    Args:
        environ: `DOCKER_CONFIG` or `HOME` say where the file is; without either, the user database does.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._found: Once[Credentials | None] = Once()
        self._config: Once[dict[str, Any]] = Once()

    def find(self, registry: str, deadline: Deadline) -> Credentials | None:
        """Return the credentials for a registry as written in image references, or None for anonymous.

        Raises:
            CouldNotLook: The file is broken, or the helper it names fails: Docker could not pull either.
            DeadlineExceeded: The helper hangs.
        """
        return self._found.get(registry, lambda: self._find(registry, deadline), deadline, _WHAT)

    def _find(self, registry: str, deadline: Deadline) -> Credentials | None:
        config = self._config.get("config", self._read, deadline, _WHAT)
        key = _DOCKER_HUB_KEY if registry == "docker.io" else registry
        helpers = _mapping(config.get("credHelpers"), "credHelpers")
        helper = helpers.get(key) or helpers.get(registry) or config.get("credsStore")
        if helper:
            return _ask_helper(helper, key, self._environ, deadline)
        for name, entry in _mapping(config.get("auths"), "auths").items():
            if name == key or _host_of(name) == _host_of(key):
                return _from_entry(_mapping(entry, "auths"), registry)
        return None

    def _read(self) -> dict[str, Any]:
        path = self._path()
        if path is None or not os.path.lexists(path):
            return {}
        try:
            return _mapping(json.loads(read_text(path, limit=_CONFIG_LIMIT, what=_WHAT) or "{}"), "the file")
        except (ValueError, RecursionError):  # the text of a JSON error quotes the file
            raise CouldNotLook(f"{_WHAT} {path} are not valid JSON", "Fix the file, or docker login again.") from None

    def _path(self) -> Path | None:
        folder = self._environ.get("DOCKER_CONFIG")
        if folder:
            return Path(folder, "config.json")
        home = self._environ.get("HOME") or _home_of_user()
        return Path(home, ".docker", "config.json") if home else None


def _home_of_user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return ""


def _mapping(value: object, name: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise CouldNotLook(f"Docker's config.json: {name} is not a JSON object", "Fix the file, or docker login again.")
    return value


def _host_of(key: str) -> str:
    """Return the host in a key of `auths`, which may be a URL: `https://ghcr.io/v2/` is `ghcr.io`."""
    return key.partition("://")[2].partition("/")[0] if "://" in key else key.partition("/")[0]


def _from_entry(entry: Mapping[str, Any], registry: str) -> Credentials | None:
    source = f"Docker's config.json, auths entry for {printable(registry, 80)}"
    username, password = entry.get("username"), entry.get("password")
    if auth := entry.get("auth"):
        username, password = _decode(auth, source)
    identity, direct = entry.get("identitytoken"), entry.get("registrytoken")
    found = Credentials(source, _text(username), _text(password), _text(identity), _text(direct))
    return found if found.username or found.identity_token or found.registry_token else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _decode(auth: object, source: str) -> tuple[str, str]:
    try:
        pair = base64.b64decode(_text(auth), validate=True).decode()
    except (binascii.Error, ValueError):
        pair = ""
    username, colon, password = pair.partition(":")
    if not colon:
        raise CouldNotLook(
            f"{source}: it is not base64 of USER:PASSWORD", "docker login to that registry again."
        ) from None
    return username, password.rstrip("\0")


def _ask_helper(helper: object, key: str, environ: Mapping[str, str], deadline: Deadline) -> Credentials | None:
    if not isinstance(helper, str) or not _HELPER_NAME.fullmatch(helper):
        raise CouldNotLook(
            "Docker's config.json names a credential helper that is no plain name", "Correct credHelpers or credsStore."
        )
    program = f"docker-credential-{helper}"
    done = process.run(
        [program, "get"],
        deadline=deadline.sooner(_HELPER_S),
        env=environ,
        stdin=key.encode(),
        max_output=_HELPER_LIMIT,
    )
    if done.exit_code != 0:
        # The protocol has no code for "unknown", only this text on standard output (docker-credential-helpers).
        if "credentials not found" in done.text.lower():
            return None
        raise CouldNotLook(
            f"the credential helper {program} failed (exit {done.exit_code})",
            f"Run: echo {key} | {program} get   or take it out of Docker's config.json.",
        )
    return _from_helper(done.stdout, program)


def _from_helper(output: bytes, program: str) -> Credentials | None:
    try:
        answer = json.loads(output)
        username, secret = answer["Username"], answer["Secret"]
    except (ValueError, KeyError, TypeError, RecursionError):
        username = secret = None
    if not isinstance(username, str) or not isinstance(secret, str):
        raise CouldNotLook(
            f"the credential helper {program} answers with something that is no credential",
            "docker login again, or take the helper out of Docker's config.json.",
        ) from None
    if not secret:
        return None
    if username == _IDENTITY_USER:
        return Credentials(program, identity_token=secret)
    return Credentials(program, username, secret) if username else None
