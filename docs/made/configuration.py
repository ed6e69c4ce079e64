"""Every key of ``preflight.yaml``: meaning, type, default, example.

The keys of the sections are described here, since only people know what they mean; a test compares them with what the
reader accepts, and reads every example. The options of ``preflight run`` describe themselves.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import click

from docs.made.markdown import code, escaped, table
from preflight.cli.run import run
from preflight.run.config.read import OPTIONS, TRUSTED


@dataclass(frozen=True)
class Key:
    """One key.

    Args:
        name: Of the key within its section.
        kind: Its type in words.
        default: What holds where it is left out; empty where it must be given.
        meaning: One sentence.
        example: The whole key as YAML writes it, in one line.
    """

    name: str
    kind: str
    default: str
    meaning: str
    example: str


SECTIONS: dict[str, tuple[str, tuple[Key, ...]]] = {
    "pins": (
        "A list of variables that pin an image, each with the service that reads it. Without it, they are found.",
        (
            Key("variable", "text", "", "Name of the variable.", "variable: HEPHAESTUS_AGENT_IMAGE_REFERENCE"),
            Key("service", "text", "", "The Compose service that reads it.", "service: application-server"),
            Key("file", "file", "", "The pin file.", "file: docker/agent-image-pin.env"),
            Key(
                "overrides",
                "list of files",
                "[]",
                "Env files that may follow the pin file on a developer's machine; in production none exists.",
                "overrides: [docker/agent-image-pin.local.env]",
            ),
            Key(
                "message",
                "text",
                "see [pin update](./pin.md)",
                "Of the commits that `pin update` makes; `{release}` and `{digest}` are filled in.",
                'message: "Pin the agent to {release} [skip actions]"',
            ),
        ),
    ),
    "compose": (
        "How Compose is called for the deployment. Without it, the project is found as Compose finds it.",
        (
            Key("files", "list of files", "found", "In the order of `-f`.", "files: [docker/compose.app.yaml]"),
            Key(
                "project_directory",
                "folder",
                "that of the first file",
                "What paths in compose files are relative to.",
                "project_directory: docker",
            ),
            Key("env_files", "list of files", "`.env`", "In the order of `--env-file`.", "env_files: [docker/.env]"),
            Key("profiles", "list of texts", "[]", "Profiles that are on.", "profiles: [production]"),
            Key("project_name", "text", "Compose's own", "The name of the project.", "project_name: hephaestus"),
        ),
    ),
    "registry": (
        "How registries are asked.",
        (
            Key(
                "insecure",
                "list of hosts",
                "[]",
                "Registries that are asked in plain HTTP; in a file that was merely found, this machine alone.",
                'insecure: ["127.0.0.1:5000"]',
            ),
            Key(
                "trust_root",
                "file",
                "Sigstore's public root",
                "Authorities that signatures are verified against.",
                "trust_root: trust-root.json",
            ),
        ),
    ),
    "coolify": (
        "Coolify, where it deploys this. `url`, `token_file` and `ca_file` count only in a file named with `--config`.",
        (
            Key("application", "text", "found", "UUID of the application or service stack.", "application: jcy19lru"),
            Key("root", "folder", "/data/coolify", "Coolify's folder on this host.", "root: /data/coolify"),
            Key("pin_in", "`file` or `ui`", "file", "Where the containers get the pin from.", "pin_in: ui"),
            Key("url", "address", "none", "Of Coolify's API.", "url: https://coolify.example.com"),
            Key("token_file", "file", "none", "Holds the API token.", "token_file: coolify-token"),
            Key("ca_file", "file", "the system's", "Authorities for the API's certificate.", "ca_file: ca.pem"),
        ),
    ),
    "waivers": (
        "A list. Each entry accepts one kind of failure until a day; it stays in the report as a marked warning.",
        (
            Key("check", "text", "", "Id of the check.", "check: ghcr-tag-retention"),
            Key("code", "text", "", "Of the failure.", "code: pruned"),
            Key("subject", "text", "every subject", "The one release, container, … that is meant.", "subject: 1.3.1"),
            Key("until", "date", "", "The last day on which it holds.", "until: 2027-01-31"),
            Key("reason", "text", "", "Why; the report shows it.", "reason: rebuilt in January"),
        ),
    ),
    "notify": (
        "The targets that are told of runs ([cron and monitors](./cron.md)); only in a file named with `--config`.",
        (
            Key("type", "text", "", "`healthchecks`, `webhook`, `mail` or `apprise`.", "type: webhook"),
            Key("name", "text", "its type", "Unique among the targets.", "name: ops"),
            Key(
                "on",
                "text",
                "change; of `healthchecks` always",
                "`change`, `always` or `heartbeat`: when it is told.",
                "on: change",
            ),
            Key("timeout", "duration", "10s", "For everything that is sent in one run; at most 60s.", "timeout: 5s"),
            Key("attempts", "whole number", "3", "Not for `mail`.", "attempts: 2"),
            Key(
                "url", "address", "none", "Of a `webhook`, where no secret is in it.", "url: https://ops.example.com/p"
            ),
            Key("url_file", "file", "none", "Holds the address; not for `mail`.", "url_file: url"),
            Key("url_env", "text", "none", "The variable that holds the address; not for `mail`.", "url_env: OPS_URL"),
            Key("hmac_key_file", "file", "none", "Holds the key that signs a `webhook`.", "hmac_key_file: key"),
            Key("hmac_key_env", "text", "none", "The variable that holds that key.", "hmac_key_env: OPS_KEY"),
            Key("start", "true or false", "true", "Whether `healthchecks` is told of the start.", "start: false"),
            Key("plain_http", "true or false", "false", "Whether an `http://` address counts.", "plain_http: false"),
            Key("to", "list of texts", "", "Addresses of a `mail`.", "to: [ops@example.com]"),
            Key("from", "text", "sendmail's own", "The sender of a `mail`.", "from: preflight@example.com"),
            Key("sendmail", "file", "found", "The program that sends a `mail`.", "sendmail: /usr/sbin/sendmail"),
        ),
    ),
}
LISTS = ("pins", "waivers", "notify")
"""Sections that are lists of such keys."""

NO_OPTION = {
    "git": Key("git", "true or false", "true", "False where there never is a git checkout on this host.", "git: false")
}
"""What stands among the options and is none."""

REQUIRED = "*required*"
"""What stands in place of a default."""

_KINDS = {
    "boolean": "true or false",
    "float range": "number",
    "integer range": "whole number",
    "path": "folder",
}
"""What the tables call a type of click; the others have the same name there."""


_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")
"""A link of Markdown, which leads nowhere in a terminal."""

_CHECKS = (
    'The settings of single checks, by id: `checks: {compose-version: {minimum: "2.26.0"}}`. The '
    "[page of each check](./checks/index.md) names its settings."
)
_OPTIONS = (
    "The command line overrides the environment, which overrides the file. Those marked * count only in a file named "
    "with `--config`."
)

Row = tuple[str, ...]
"""Name, type, default, meaning and, in a section, example: Markdown, each."""


def reference(shown: Callable[[Sequence[Row]], str] | None = None) -> str:
    """Return the keys of each section, and the options of ``preflight run``.

    Args:
        shown: Turns the rows of a section into Markdown; a table if it is not given.
    """
    shown = shown or _table
    parts = [f"### `{name}`\n\n{said}\n\n{shown(_keys(keys))}" for name, (said, keys) in SECTIONS.items()]
    parts.append(f"### `checks`\n\n{_CHECKS}\n")
    parts.append(f"### Options of `preflight run`\n\n{_OPTIONS}\n\n{shown(_options())}")
    return "\n".join(parts)


def for_man() -> str:
    """Return the reference without tables, which a terminal of 80 columns has no room for."""
    return _LINK.sub(r"\1", reference(_definitions))


def _table(rows: Sequence[Row]) -> str:
    return table(("key", "type", "default", "meaning", "example")[: len(rows[0])], rows)


def _definitions(rows: Sequence[Row]) -> str:
    """Return a list of terms, which `man` indents."""
    entries = []
    for name, kind, default, meaning, *example in rows:
        given = default if default == REQUIRED else f"default {default}" if default else "no default"
        shown = f"\n\n  Example: {example[0]}" if example else ""
        entries.append(f"{name} ({kind}; {given})\n: {meaning}{shown}\n")
    return "\n".join(entries)


def _keys(keys: tuple[Key, ...]) -> list[Row]:
    return [
        (code(key.name), key.kind, key.default or REQUIRED, escaped(key.meaning), code(key.example)) for key in keys
    ]


def _options() -> list[Row]:
    described = {parameter.name: parameter for parameter in run.params if isinstance(parameter, click.Option)}
    rows: list[Row] = []
    for name in OPTIONS:
        mark = " *" if name in TRUSTED else ""
        if name in described:
            option = described[name]
            rows.append((code(name) + mark, _kind(option), _default(option), escaped(option.help or "")))
        else:
            key = NO_OPTION[name]
            rows.append((code(name) + mark, key.kind, code(key.default), escaped(key.meaning)))
    return rows


def _kind(option: click.Option) -> str:
    """Return the type of a value in the words of the other tables; click's own are for programmers."""
    if isinstance(option.type, click.Choice):
        return "one of " + ", ".join(code(str(choice)) for choice in option.type.choices)
    kind = _KINDS.get(option.type.name, option.type.name)
    return f"list of {kind}s" if option.multiple else kind


def _default(option: click.Option) -> str:
    if option.multiple:
        return code("[]")
    default = option.to_info_dict()["default"]
    return "" if default is None or not isinstance(default, str | int | float) else code(str(default).lower())
