"""What Coolify's API answers, as values. None is unknown: the field is hidden from the token, or newer than the server.

Fields as in Coolify's openapi.yaml and app/Http/Controllers/Api/ApplicationsController.php at version 4.3.11.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from preflight.coolify.resource import Kind
from preflight.lib.records import frozen

_BUILD_ONLY_PREFIXES = ("NIXPACKS_", "RAILPACK_")


class NotAsDescribed(ValueError):
    """An answer lacks what every version of Coolify sends. The text quotes no value."""


@frozen
class Application:
    """One application.

    Texts are None where the answer has no such field, and "" where it is empty. The stored ``docker_compose`` is left
    out: it is not what was deployed (AJ 696-703 against P 1465-1513).

    Args:
        uuid: Its UUID.
        name: Its name.
        build_pack: E.g. "dockercompose".
        base_directory: From the repository's root, e.g. "/docker".
        docker_compose_location: Below that, e.g. "/compose.app.yaml".
        git_repository: E.g. "owner/name" or an address.
        git_branch: What is deployed.
        git_commit_sha: "HEAD", or the commit it is held at.
        raw: Raw Compose Deployment is on (told since 4.2.0, of one application only, not in the list).
        preserve: Preserve Repository is on; as above.
        auto_deploy: A push makes Coolify deploy; as above.
        previews: Pull requests are deployed; as above.
        watch_paths: Which changed files make a push deploy, one pattern a line; "" where any does.
        custom_start_command: In place of Coolify's own `up`.
        compose_raw: The compose file as Coolify read it from the branch; only with ``read:sensitive``.
    """

    uuid: str
    name: str = ""
    build_pack: str | None = None
    base_directory: str | None = None
    docker_compose_location: str | None = None
    git_repository: str | None = None
    git_branch: str | None = None
    git_commit_sha: str | None = None
    raw: bool | None = None
    preserve: bool | None = None
    auto_deploy: bool | None = None
    previews: bool | None = None
    watch_paths: str | None = None
    custom_start_command: str | None = None
    compose_raw: str | None = field(default=None, repr=False)


@frozen
class UiVariable:
    """One row of the environment variables in Coolify's UI.

    Args:
        key: The variable.
        is_preview: Whether it is for previews of pull requests only.
        is_runtime: Whether it is in the containers' ``.env`` (since 2025; before, every one was).
        is_shared: Its value refers to a shared variable (``{{team.X}}``).
        is_literal: Whether it is written in single quotes, nothing in it is interpolated.
        is_multiline: Its value may have several lines.
        is_shown_once: The UI shows its value no more.
        value: As written in the UI; None where the token may not see it. A secret.
        real_value: With shared variables put in; see ``value``.
    """

    key: str
    is_preview: bool | None = None
    is_runtime: bool | None = None
    is_shared: bool | None = None
    is_literal: bool | None = None
    is_multiline: bool | None = None
    is_shown_once: bool | None = None
    value: str | None = field(default=None, repr=False)
    real_value: str | None = field(default=None, repr=False)

    def reaches(self, kind: Kind) -> bool:
        """Whether it comes into production's ``.env`` at run time; what is unknown counts as yes.

        A service stack has no previews and gets every row (app/Models/Service.php 1605-1641); an application gets
        the runtime ones without those of its build packs (AJ 1326-1493, EnvironmentVariable 37, 136).
        """
        if kind is Kind.SERVICE:
            return self.is_preview is not True
        if self.is_preview is True or self.is_runtime is False:
            return False
        return not self.key.startswith(_BUILD_ONLY_PREFIXES)


def application_of(row: Any) -> Application:
    """Return the application that a JSON object describes.

    Raises:
        NotAsDescribed: It is none.
    """
    fields, uuid = _resource(row)
    settings = fields.get("settings")
    switches = settings if isinstance(settings, dict) else {}
    return Application(
        uuid=uuid,
        name=_text(fields, "name") or "",
        build_pack=_text(fields, "build_pack"),
        base_directory=_text(fields, "base_directory"),
        docker_compose_location=_text(fields, "docker_compose_location"),
        git_repository=_text(fields, "git_repository"),
        git_branch=_text(fields, "git_branch"),
        git_commit_sha=_text(fields, "git_commit_sha"),
        raw=_flag(switches, "is_raw_compose_deployment_enabled"),
        preserve=_flag(switches, "is_preserve_repository_enabled"),
        auto_deploy=_flag(switches, "is_auto_deploy_enabled"),
        previews=_flag(switches, "is_preview_deployments_enabled"),
        watch_paths=_text(fields, "watch_paths"),
        custom_start_command=_text(fields, "docker_compose_custom_start_command"),
        compose_raw=_text(fields, "docker_compose_raw"),
    )


def variable_of(row: Any) -> UiVariable:
    """Return the variable that a JSON object describes.

    Raises:
        NotAsDescribed: It has no key: leaving it out could hide the very one that is looked for.
    """
    fields = _object(row, "variable")
    key = fields.get("key")
    if not isinstance(key, str) or not key:
        raise NotAsDescribed("a variable without a key")
    once = _flag(fields, "is_shown_once")
    # null is an empty value (EnvironmentVariable 181-220), except for a row that is shown once it is a hidden one.
    value, real = (
        None if once and fields.get(name) is None else _text(fields, name) for name in ("value", "real_value")
    )
    return UiVariable(
        key=key,
        is_preview=_flag(fields, "is_preview"),
        is_runtime=_flag(fields, "is_runtime"),
        is_shared=_flag(fields, "is_shared"),
        is_literal=_flag(fields, "is_literal"),
        is_multiline=_flag(fields, "is_multiline"),
        is_shown_once=once,
        value=value,
        real_value=real,
    )


def uuid_of(row: Any) -> str:
    """Return the UUID of the resource that a JSON object describes.

    Raises:
        NotAsDescribed: It is none.
    """
    return _resource(row)[1]


def _resource(row: Any) -> tuple[Mapping[str, Any], str]:
    fields = _object(row, "resource")
    uuid = fields.get("uuid")
    if not isinstance(uuid, str) or not uuid:
        raise NotAsDescribed("a resource without a UUID")
    return fields, uuid


def _object(row: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(row, dict):
        raise NotAsDescribed(f"a {what} that is no JSON object")
    return row


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    """Return a text; "" for null, None for a field that is not there or holds something else."""
    if name not in fields:
        return None
    value = fields[name]
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None


def _flag(fields: Mapping[str, Any], name: str) -> bool | None:
    """Return true or false; columns that are not cast come as 0 and 1."""
    value = fields.get(name)
    return bool(value) if isinstance(value, bool | int) and value in {0, 1} else None
