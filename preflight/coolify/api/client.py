"""Coolify's API, version 1: asked over one door, with a token that goes nowhere else.

Every method raises ``ApiError`` (a ``CouldNotLook``) when Coolify does not answer, or not as its API does; the classes
in ``api_refusals`` tell the reasons apart. Nothing is kept here: who asks twice, asks twice.
"""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from preflight.coolify.api.address import ApiAddress, find_address
from preflight.coolify.api.refusals import (
    ApiError,
    ApiLimited,
    ApiRefused,
    ApiTimedOut,
    ApiTrouble,
    ApiUnknown,
    ApiUnreachable,
    NotTheApi,
    as_server,
    nonsense,
    refusal,
    unreachable,
    web_page,
    without_token,
    wrong_type,
)
from preflight.coolify.api.values import (
    Application,
    NotAsDescribed,
    UiVariable,
    application_of,
    uuid_of,
    variable_of,
)
from preflight.coolify.resource import Kind
from preflight.lib.deadline import Deadline
from preflight.lib.text import printable

if TYPE_CHECKING:
    from preflight.http.client import Answer

__all__ = [
    "ApiAddress",
    "ApiError",
    "ApiLimited",
    "ApiRefused",
    "ApiTimedOut",
    "ApiTrouble",
    "ApiUnknown",
    "ApiUnreachable",
    "Application",
    "CoolifyApi",
    "NotTheApi",
    "UiVariable",
    "find_address",
]

ONE, MANY = 8 << 20, 64 << 20
"""Bytes accepted of one thing, and of a list of all things of a team."""
_OK = range(200, 300)
T = TypeVar("T")


class CoolifyApi:
    """Asks one Coolify. Safe to share between threads.

    Args:
        address: Where, and with which token.
        environ: Proxies, and the machine's certificates where the address names none.
    """

    def __init__(self, address: ApiAddress, environ: Mapping[str, str]) -> None:
        from preflight.http.client import Http

        self.address = address
        self._http = Http(environ, as_server(address), address.ca_file)

    def application(self, uuid: str, deadline: Deadline) -> Application:
        """Return one application, its settings included where this Coolify tells them (since 4.2.0).

        Raises:
            ApiError: It could not be had; ``ApiUnknown`` where there is none for the token's team.
        """
        return self._one(f"/applications/{_part(uuid)}", f"application {_named(uuid)}", application_of, deadline)

    def applications(self, deadline: Deadline) -> tuple[Application, ...]:
        """Return all applications of the token's team, without their settings.

        Raises:
            ApiError: They could not be had.
        """
        return self._many("/applications", "applications", application_of, deadline)

    def has_service(self, uuid: str, deadline: Deadline) -> bool:
        """Whether the token's team has a service stack of that UUID.

        Raises:
            ApiError: It does not tell.
        """
        try:
            self._one(f"/services/{_part(uuid)}", f"service {_named(uuid)}", uuid_of, deadline)
        except ApiUnknown:
            return False
        return True

    def variables(self, kind: Kind, uuid: str, deadline: Deadline) -> tuple[UiVariable, ...]:
        """Return the variables in the UI of an application or service stack, those for previews included.

        Raises:
            ApiError: They could not be had; ``ApiUnknown`` where there is no such resource for the token's team.
        """
        place = f"/{kind.folder}/{_part(uuid)}/envs"
        return self._many(place, f"{kind.value} {_named(uuid)}", variable_of, deadline)

    def set_variable(self, kind: Kind, uuid: str, row: UiVariable, value: str, deadline: Deadline) -> None:
        """Give a variable in the UI another value; its switches stay as they are.

        For an application, Coolify resets each switch that the request leaves out (ApplicationsController 3365-3440),
        so the request names those that are known.

        Args:
            kind: The kind of the resource.
            uuid: The UUID of the resource.
            row: The variable as it is listed; not one for previews.
            value: What it gets.
            deadline: For the answer.

        Raises:
            ApiError: Coolify refused, or did not answer. ``ApiUnknown`` if the variable is gone.
        """
        switches = {
            "is_literal": row.is_literal,
            "is_multiline": row.is_multiline,
            "is_shown_once": row.is_shown_once,
        }
        known = {name: switch for name, switch in switches.items() if switch is not None}
        body = json.dumps({"key": row.key, "value": value, **known}).encode()
        place, what = f"/{kind.folder}/{_part(uuid)}/envs", f"variable {_named(row.key)}"
        answer = self._value(self._ask(place, what, deadline, method="PATCH", body=body))
        if not isinstance(answer, dict) or answer.get("key") != row.key:
            raise nonsense(self.address, "something else than the variable that was to be set")

    def deploy(self, uuid: str, deadline: Deadline) -> str:
        """Trigger a deployment; asked once, whatever becomes of the answer.

        Args:
            uuid: The UUID of the application or service stack.
            deadline: For the answer; it does not wait for the deployment.

        Returns:
            The UUID of the deployment to ask for; "" for a service stack, whose starts have none.

        Raises:
            ApiError: It was not triggered, or no answer came: then it may have been.
        """
        value = self._value(
            self._ask(f"/deploy?uuid={_part(uuid)}", f"resource {_named(uuid)}", deadline, method="POST")
        )
        rows = value.get("deployments") if isinstance(value, dict) else None
        row = next((row for row in rows if isinstance(row, dict)), None) if isinstance(rows, list) else None
        if row is None or row.get("resource_uuid", uuid) != uuid:
            raise nonsense(self.address, "something else than the deployment that was to be triggered")
        deployment = row.get("deployment_uuid")
        return deployment if isinstance(deployment, str) else ""

    def deployment(self, uuid: str, deadline: Deadline) -> str:
        """Return how a deployment goes: "queued", "in_progress", "finished", "failed", "cancelled-by-user".

        Raises:
            ApiError: It does not tell; ``ApiUnknown`` also for one that Coolify skipped, as the same was queued.
        """
        value = self._get(f"/deployments/{_part(uuid)}", f"deployment {_named(uuid)}", deadline)
        status = value.get("status") if isinstance(value, dict) else None
        if not isinstance(status, str) or not status:
            raise nonsense(self.address, "a deployment without a status")
        return printable(without_token(status, self.address), 40)

    def _one(self, place: str, what: str, read: Callable[[Any], T], deadline: Deadline) -> T:
        value = self._get(place, what, deadline)
        try:
            return read(value)
        except NotAsDescribed as problem:
            raise nonsense(self.address, str(problem)) from None

    def _many(self, place: str, what: str, read: Callable[[Any], T], deadline: Deadline) -> tuple[T, ...]:
        rows = self._get(place, what, deadline, MANY)
        if isinstance(rows, dict):  # PHP makes an object of a list with gaps, as a filtered one has
            rows = list(rows.values()) if all(key.isdigit() for key in rows) else None
        if not isinstance(rows, list):
            raise nonsense(self.address, "something else than the list that is due")
        try:
            return tuple(read(row) for row in rows)
        except NotAsDescribed as problem:
            raise nonsense(self.address, str(problem)) from None

    def _get(self, place: str, what: str, deadline: Deadline, cap: int = ONE) -> Any:
        return self._value(self._ask(place, what, deadline, cap=cap))

    def _ask(
        self,
        place: str,
        what: str,
        deadline: Deadline,
        *,
        method: str = "GET",
        cap: int = ONE,
        body: bytes | None = None,
    ) -> "Answer":
        from preflight.http.client import ATTEMPTS, Request
        from preflight.http.errors import HttpError

        # Laravel answers a client that does not accept JSON with pages and redirects, also for errors.
        headers = {"Accept": "application/json", "Authorization": f"Bearer {self.address.token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        attempts = 1 if method == "POST" else ATTEMPTS
        request = Request(method, f"{self.address.url}/api/v1{place}", headers, cap, body, attempts)
        try:
            answer = self._http.fetch(request, deadline)
        except HttpError as error:
            raise unreachable(error) from None
        if answer.status not in _OK:
            raise refusal(answer, what, self.address)
        return answer

    def _value(self, answer: "Answer") -> Any:
        """Return the JSON of an answer that says it is JSON."""
        if answer.body.lstrip()[:1] == b"<":
            raise web_page(answer, self.address)
        try:
            value = json.loads(answer.body)
        except (ValueError, RecursionError):
            raise nonsense(self.address) from None
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind and not kind.endswith(("/json", "+json")):
            raise wrong_type(answer, self.address)
        return value


def _part(text: str) -> str:
    return quote(text, safe="")


def _named(uuid: str) -> str:
    return printable(uuid, 60)
