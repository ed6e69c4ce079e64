"""A stand-in for Coolify's API, because no Coolify can run where the tests run.

A real HTTP (or TLS) server that answers what Coolify 4.3.11 answers, as its openapi.yaml, routes/api.php and the
controllers under app/Http/Controllers/Api say: bearer tokens with abilities, 401, 403 and 404 with their own bodies,
values and compose files hidden without ``read:sensitive``, `POST /deploy`, `PATCH …/envs`, settings of an application
only when it is asked for alone. ``version`` and ``dropped`` make it an older one. It keeps what it was asked in
``requests``, and can be told to misbehave: see ``Reply`` and the functions at the end. What it is not: nothing is
ever deployed, unless a test hangs that into ``on_deploy``.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from tests.fakes.http_server import FakeServer, Script, answering
from tests.fakes.http_server import Handler as BaseHandler

TOKEN = "3|WaobqXtestonlytokenofthefakecoolify"
PREFIX = "/api/v1"
_HIDDEN = ("value", "real_value", "docker_compose", "docker_compose_raw", "dockerfile", "custom_labels")
_SETTINGS_SINCE = (4, 2, 0)
Row = dict[str, Any]


@dataclass(frozen=True)
class Token:
    """What a token may do, and whose it is.

    Args:
        abilities: "read", "read:sensitive", "write", "deploy", "root".
        is_admin: Its user is admin or owner of the team; a member may only read.
        has_team: Its user is still in the team.
    """

    abilities: frozenset[str] = frozenset({"read"})
    is_admin: bool = True
    has_team: bool = True

    def may(self, ability: str) -> bool:
        """Whether it has an ability."""
        return bool({ability, "root"} & self.abilities)

    @property
    def sees_secrets(self) -> bool:
        """Whether hidden fields are shown (ApiSensitiveData.php)."""
        return self.is_admin and self.may("read:sensitive")


class Handler(BaseHandler):
    """Answers as Coolify does."""

    def as_usual(self) -> None:
        """Answer as Coolify does."""
        if not self.path.startswith(PREFIX + "/"):
            self.answer(404, b"<!DOCTYPE html><title>Not Found</title>", {"Content-Type": "text/html; charset=UTF-8"})
            return
        token = self._token()
        if token is not None and self._is_let_in(token):
            self._route(token)

    def say(self, status: int, message: str, **more: Any) -> None:
        """Send a message as Coolify words its refusals."""
        self.answer(status, json.dumps({"message": message, **more}).encode())

    def _token(self) -> Token | None:
        sent = self.headers.get("Authorization", "").removeprefix("Bearer ")
        token: Token | None = self.fake.tokens.get(sent)
        if token is None:
            self.say(401, "Unauthenticated.")
        elif not token.has_team:
            self.say(401, "Invalid token.")
            return None
        return token

    def _is_let_in(self, token: Token) -> bool:
        if not self.fake.enabled:
            self.say(403, "API is disabled.", success=True)
        elif not self.fake.allowed:
            self.say(403, "You are not allowed to access the API.", success=True)
        elif not token.is_admin and token.abilities - {"read"}:
            self.say(403, "Missing required team role.")
        else:
            return True
        return False

    def _route(self, token: Token) -> None:
        parts = urlsplit(self.path)
        match parts.path.removeprefix(PREFIX).strip("/").split("/"):
            case ["deploy"]:
                self._deploy(token, parse_qs(parts.query))
            case ["applications" | "services" as kind, uuid, "envs"] if self.command == "PATCH":
                self._set(token, kind, uuid)
            case [*_] if not token.may("read"):
                self.say(403, "Missing required permissions: read")
            case ["applications"]:
                self._rows(token, [self._alone(row) for row in self.fake.applications.values()])
            case ["applications", uuid]:
                self._row(token, self._with_settings(self.fake.applications.get(uuid)), "Application not found.")
            case ["services", uuid]:
                self._row(token, self.fake.services.get(uuid), "Service not found.")
            case ["applications" | "services" as kind, uuid, "envs"]:
                known = self.fake.applications if kind == "applications" else self.fake.services
                rows = self.fake.variables[uuid] if uuid in known else None
                self._rows(token, rows, "Application not found" if kind == "applications" else "Service not found.")
            case ["deployments", uuid]:
                self._deployment(uuid)
            case _:
                self.say(404, f"The route {parts.path.strip('/')} could not be found.")

    def _set(self, token: Token, kind: str, uuid: str) -> None:
        """Change a variable as update_env_by_uuid does: an application's switches that are not sent are reset."""
        known = self.fake.applications if kind == "applications" else self.fake.services
        sent = json.loads(self.posted)
        rows = [row for row in self.fake.variables.get(uuid, []) if row["key"] == sent["key"] and not row["is_preview"]]
        if not token.may("write"):
            self.say(403, "Missing required permissions: write")
        elif uuid not in known:
            self.say(404, "Application not found" if kind == "applications" else "Service not found.")
        elif not rows:
            self.say(404, "Environment variable not found.")
        else:
            switches = ("is_literal", "is_multiline", "is_shown_once")
            reset = dict.fromkeys(switches, False) if kind == "applications" else {}
            rows[0].update({**reset, **{name: sent[name] for name in ("value", *switches) if name in sent}})
            self.answer(201, json.dumps(self._shown(token, self._appended(rows[0]))).encode())

    def _alone(self, row: Row) -> Row:
        return {key: value for key, value in row.items() if key != "settings"}

    def _with_settings(self, row: Row | None) -> Row | None:
        return row if row is None or self.fake.version >= _SETTINGS_SINCE else self._alone(row)

    def _row(self, token: Token, row: Row | None, missing: str) -> None:
        if row is None:
            self.say(404, missing)
        else:
            self.answer(200, json.dumps(self._shown(token, row)).encode())

    def _rows(self, token: Token, rows: Iterable[Row] | None, missing: str = "") -> None:
        if rows is None:
            self.say(404, missing)
        else:
            self.answer(200, json.dumps([self._shown(token, self._appended(row)) for row in rows]).encode())

    def _appended(self, row: Row) -> Row:
        """Add what Coolify works out of a variable's value."""
        if "key" not in row:
            return row
        value = row["value"]
        is_shared = str(value).startswith("{{") and str(value).endswith("}}")
        real = value
        if is_shared:
            scope, _, name = str(value).strip("{} ").partition(".")
            found = (each["value"] for each in self.fake.shared.get(scope, []) if each["key"] == name.strip())
            real = next(found, value)
        return {"real_value": real, "is_shared": is_shared, **row}

    def _shown(self, token: Token, row: Row) -> Row:
        hidden = () if token.sees_secrets and not row.get("is_shown_once") else _HIDDEN
        return {key: value for key, value in row.items() if key not in hidden and key not in self.fake.dropped}

    def _deploy(self, token: Token, query: Mapping[str, list[str]]) -> None:
        if self.command == "GET" and self.fake.version >= _SETTINGS_SINCE:
            self.say(405, "The GET method is not supported for route api/v1/deploy. Supported methods: POST.")
            return
        if not token.may("deploy"):
            self.say(403, "Missing required permissions: deploy")
            return
        uuid = query.get("uuid", [""])[0]
        if uuid not in {*self.fake.applications, *self.fake.services}:
            self.say(404, "No resources found.")
            return
        row = {"message": f"Application {uuid} deployment queued.", "resource_uuid": uuid}
        if uuid in self.fake.applications:
            row["deployment_uuid"] = f"deployment-{len(self.fake.deployments) + 1}"
            self.fake.deployments[row["deployment_uuid"]] = list(self.fake.statuses)
        if self.fake.on_deploy is not None:
            self.fake.on_deploy(uuid)
        self.answer(200, json.dumps({"deployments": [row]}).encode())

    def _deployment(self, uuid: str) -> None:
        statuses = self.fake.deployments.get(uuid)
        if statuses is None:
            self.say(404, "Deployment not found.")
            return
        status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
        self.answer(200, json.dumps({"deployment_uuid": uuid, "status": status}).encode())


@dataclass
class FakeCoolify(FakeServer):
    """The stand-in; a context manager that serves while it is entered.

    Args:
        tokens: Those it knows.
        version: Of Coolify.
        enabled: API Access is on.
        allowed: The caller's address is on the list.
        dropped: Fields that this version does not send yet.
        on_deploy: Told the UUID of what is to be deployed, in the request's thread.
        statuses: What a deployment says, one an ask; the last for ever.
    """

    handler: ClassVar[type[BaseHandler]] = Handler

    tokens: dict[str, Token] = field(default_factory=lambda: {TOKEN: Token()})
    version: tuple[int, int, int] = (4, 3, 11)
    enabled: bool = True
    allowed: bool = True
    dropped: frozenset[str] = frozenset()
    on_deploy: Callable[[str], None] | None = None
    statuses: list[str] = field(default_factory=lambda: ["queued", "in_progress", "finished"])
    applications: dict[str, Row] = field(default_factory=dict)
    services: dict[str, Row] = field(default_factory=dict)
    variables: dict[str, list[Row]] = field(default_factory=dict)
    shared: dict[str, list[Row]] = field(default_factory=dict)
    deployments: dict[str, list[str]] = field(default_factory=dict)

    @property
    def environ(self) -> dict[str, str]:
        """What the environment says of it, for the tool."""
        return {"PREFLIGHT_COOLIFY_URL": self.url, "PREFLIGHT_COOLIFY_TOKEN": TOKEN}

    def add_application(self, uuid: str, *rows: Row, raw: bool = False, preserve: bool = False, **fields: Any) -> Row:
        """Put an application there, with its variables (see ``variable``) and fields as the API names them."""
        settings = {"is_raw_compose_deployment_enabled": raw, "is_preserve_repository_enabled": preserve}
        application = {
            "uuid": uuid,
            "name": f"application-{uuid}",
            "build_pack": "dockercompose",
            "base_directory": "/",
            "docker_compose_location": "/docker-compose.yaml",
            "docker_compose_raw": "services: {}\n",
            "docker_compose": "services: {}\n",
            "docker_compose_custom_start_command": None,
            "docker_compose_custom_build_command": None,
            "git_repository": "owner/name",
            "git_branch": "main",
            "git_commit_sha": "HEAD",
            "fqdn": None,
            "pre_deployment_command": None,
            "pre_deployment_command_container": None,
            "compose_parsing_version": "5",
            "status": "running:healthy",
            "destination_id": 0,
            "watch_paths": None,
            "settings": {
                **settings,
                "is_auto_deploy_enabled": True,
                "is_preview_deployments_enabled": False,
                **fields.pop("settings", {}),
            },
            **fields,
        }
        self.applications[uuid] = application
        self.variables[uuid] = list(rows)
        return application

    def add_service(self, uuid: str, *rows: Row, **fields: Any) -> Row:
        """Put a service stack there, with its variables."""
        service = {"uuid": uuid, "name": f"service-{uuid}", "docker_compose_raw": "services: {}\n", "server_id": 0}
        self.services[uuid] = {**service, "compose_parsing_version": "5", "status": "running:healthy", **fields}
        self.variables[uuid] = list(rows)
        return self.services[uuid]


def variable(key: str, value: str | None = "", **flags: Any) -> Row:
    """Return a row of the UI's environment variables, as a fresh one is: for production, build and run time."""
    row = {"is_preview": False, "is_runtime": True, "is_buildtime": True, "is_literal": False, "is_multiline": False}
    return {"uuid": f"row-{key.lower()}", "key": key, "value": value, **row, "is_shown_once": False, **flags}


def saying(status: int, message: str, **headers: str) -> Script:
    """Refuse in Coolify's form, with these words."""
    return answering(status, json.dumps({"message": message}).encode(), **headers)
