"""The messages of Compose that are known, and our words for them; the first rule that fits counts.

Collected from Compose 2.23.3, 2.24.1, 2.24.7, 2.29.7 and 2.40.3. In a pattern, ``path`` and ``line`` give the
place; ``keys`` (a place in the YAML tree) and all other groups may stand in the words. No group ever takes in a
value: those may be secrets.
"""

import re

from preflight.lib.records import frozen
from preflight.lib.regex import regex


@frozen
class Rule:
    """One message of Compose.

    Args:
        pattern: Fits Compose's words.
        message: Ours.
        hint: What to do.
        vague: One message for several causes; the compose file may tell which it is.
        coolify: The message is about a key of Coolify's own.
    """

    pattern: "re.Pattern[str]"
    message: str
    hint: str
    vague: bool = False
    coolify: bool = False


def _rule(pattern: str, message: str, hint: str, *, vague: bool = False, coolify: bool = False) -> Rule:
    return Rule(regex(pattern, re.IGNORECASE), message, hint, vague, coolify)


_PATH = r"(?P<path>[^\n]+?)"
_KEYS = r"(?P<keys>[\w.\-/]*)"
_KEY = r"(?P<key>[\w.\-]{1,80})"
_OTHER = r"(?P<other>[\w.\-]{1,80})"
_VALIDATING = rf"validating {_PATH}:\s+"
_READING = rf"failed to (?:read|load) {_PATH}: "
_YAML = rf"(?:failed to parse {_PATH}: )?(?<![\w.])yaml: (?:unmarshal errors:\s*)?(?:line (?P<line>\d+): )?"
_TWICE = rf'line (?P<line>\d+): mapping key "{_KEY}" already defined at line (?P<first>\d+)'

_COMPOSE_FILE = "Correct the compose file."
_ENV_FILE = "Correct the env file."
_DOLLAR = "Write `$$` for a plain dollar sign."

_SCHEMA = (
    _rule(
        _VALIDATING + r"(?P<keys>services\.[\w.\-]+\.env_file\.\d+) must be a string",
        "this Compose does not know the long form of env_file ({keys})",
        "Install Compose 2.24.0 or newer (see the check compose-version).",
        vague=True,
    ),
    _rule(
        _VALIDATING + rf"{_KEYS}\s*additional propert(?:y|ies) '?(?P<key>exclude_from_hc|content|is_?directory)\b",
        "{key} is a key of Coolify's own, which Compose does not know (at {keys})",
        "For Coolify's raw mode, or Compose by itself, delete it. Its default mode takes it out: preflight tells the "
        "mode on Coolify's host, by its API, or from `coolify: {{pin_in: ui}}`.",
        coolify=True,
    ),
    _rule(
        _VALIDATING + rf"(?:\(root\)|{_KEYS})\s*additional propert(?:y|ies) '?{_KEY}'?[^\n]* (?:is )?not allowed",
        "the key {key} is not known to this Compose (at {keys})",
        "Correct or delete the key.",
    ),
    _rule(
        _VALIDATING + _KEYS + r" must be (?P<what>an? [a-z, ]+)",
        "{keys} must be {what}",
        "Correct {keys} in the compose file.",
    ),
    _rule(_VALIDATING + _KEYS, "the value of {keys} is not valid", "Correct {keys} in the compose file."),
    _rule(
        r"(?P<keys>services\.[\w.\-]+\.\[\d+\]): unexpected type ",
        "an entry of {keys} is no text",
        "Correct {keys} in the compose file.",
        vague=True,
    ),
    _rule(
        r"'services\[(?P<key>[\w.\-]{1,80})\]\.environment' environment variable [^\n]* with a trailing space",
        "a name in environment of {key} ends in a blank",
        "Write NAME=value without a blank before the `=`.",
    ),
    _rule(
        r"environment path attribute (?P<keys>services\.[\w.\-]+)\.\[\d+\] is missing",
        "an entry of {keys} has no path",
        "Write `path: FILE` in it.",
        vague=True,
    ),
    _rule(r"(?P<keys>services\.[\w.\-]+) must be a mapping", "{keys} must be a mapping", _COMPOSE_FILE),
)

_SYNTAX = (
    _rule(
        rf"failed to parse {_PATH}: [^\n]*?" + _TWICE,
        "the key {key} stands twice (first in line {first})",
        "Delete one of the two lines.",
    ),
    _rule(_TWICE, "the key {key} stands twice (first in line {first})", "Delete one of the two lines."),
    _rule(
        _YAML + "found character that cannot start any token",
        "a compose file is no valid YAML: a character (a tab?) cannot stand there",
        "Indent with spaces only.",
    ),
    _rule(
        _YAML + r"(?P<what>did not find expected [\w' \-]+|found unexpected end of stream)",
        "a compose file is no valid YAML: {what}",
        _COMPOSE_FILE,
    ),
    _rule(
        _YAML + r"(?P<what>mapping values are not allowed|control characters are not allowed|invalid [\w\- ]*octet)",
        "a compose file is no valid YAML: {what}",
        _COMPOSE_FILE,
    ),
    _rule(
        _YAML + "unknown anchor '",
        "a YAML alias has no anchor above it",
        "Define the anchor above its use; quote a value that begins with `*`.",  # which may be a secret
    ),
    _rule(_YAML, "a compose file is no valid YAML", _COMPOSE_FILE),
    _rule("top-level object must be a mapping", "a compose file holds no mapping", "Name the right compose file."),
    _rule("empty compose file", "a compose file is empty", "Name the right compose file."),
)

_ENV_FILES = (
    _rule(
        rf"couldn't find env file: {_PATH}$",
        "the file named by --env-file is not there",
        "Correct --env-file or COMPOSE_ENV_FILES.",
    ),
    _rule(
        r"env file  not found: stat : ",
        "an entry of env_file is empty",
        "Write the name of the file; is it a variable that is not set?",
    ),
    _rule(
        rf"env file {_PATH} not found",
        "an env_file that is required is not there",
        "Put the file there, or list it with `required: false`.",
    ),
    _rule(
        # the line it names is that of the end of the file, not of the quote
        rf"failed to (?:read|load) {_PATH}: (?:line \d+: )?unterminated quoted value",
        "a quoted value in an env file has no end",
        "Close the quote.",
    ),
    _rule(
        _READING + r"line (?P<line>\d+): key cannot contain a space",
        "a name in an env file has a space in it",
        "Write NAME=value.",
    ),
    _rule(
        _READING + r"line (?P<line>\d+): unexpected character",
        "a name in an env file has a character it cannot have",
        "Write NAME=value.",
    ),
    _rule(
        _READING + rf"required variable {_KEY} is missing a value",
        "an env file requires the variable {key}, which is not set",
        "Set {key}, or write the value out.",
    ),
    _rule(_READING + "invalid template", "an env file has a `$` that starts no valid ${{NAME}}", _DOLLAR),
    _rule(
        _READING + "[^\n]*is a directory",
        "a directory stands where an env file is due",
        "Put a regular file there.",
    ),
    _rule(_READING, "an env file cannot be read", _ENV_FILE),
    _rule(
        rf"failed to parse env_file {_PATH}: variable '[^\n]*' contains whitespaces",  # `format: raw` only
        "an env file that is read as raw has a blank in a name",
        "Write NAME=value without blanks around the =, or delete `format: raw`.",
    ),
    _rule(
        rf'unsupported env_file format "{_KEY}"',
        "the env_file format {key} does not exist",
        "Write `format: raw`, or leave the key out.",
    ),
)

_INTERPOLATION = (
    _rule(
        rf"interpolating {_KEYS}: required variable {_KEY} is missing a value",
        "{keys} requires the variable {key}, which is not set",
        "Set {key}, or take the `${{{key}:?…}}` out of {keys}.",
    ),
    _rule(
        rf"required variable {_KEY} is missing a value",
        "the variable {key} is required and not set",
        "Set {key}, or take the `${{{key}:?…}}` out.",
    ),
    _rule(
        rf"interpolating {_KEYS}: failed to cast",
        "the value of {keys} has the wrong type",
        "Correct {keys} in the compose file.",
    ),
    _rule(rf"invalid interpolation format for {_KEYS}", "{keys} has a `$` that starts no valid ${{NAME}}", _DOLLAR),
)

_PROJECT = (
    _rule(
        rf'service "{_KEY}" has neither an image nor a build context',
        "the service {key} has neither an image nor a build context",
        "Give it an image or a build; is its image a variable that is not set?",
    ),
    _rule(
        rf'service "{_KEY}" depends on undefined service "?{_OTHER}',
        "the service {key} depends on {other}, which does not exist",
        "Correct depends_on of {key}; or name the file {other} is in too, with compose: {{files: […]}}.",
    ),
    _rule(
        rf'service "{_KEY}" refers to undefined (?P<what>\w+) "?{_OTHER}',
        "the service {key} refers to the {what} {other}, which does not exist",
        "Define {other} in the compose file.",
    ),
    _rule(
        rf'cannot extend service "{_KEY}" in filename',  # so in 2.24.1, which forgot the name
        "the service {key} extends one that does not exist",
        "Correct `extends` of {key}.",
    ),
    _rule(
        rf'cannot extend service "{_KEY}" in {_PATH}: service [^\n]*not found',
        "the service {key} extends one that does not exist",
        "Correct `extends` of {key}.",
    ),
    _rule("dependency cycle detected", "services depend on each other in a circle", "Break the circle."),
    _rule("include cycle detected", "compose files include each other in a circle", "Break the circle."),
    _rule("circular reference", "services extend each other in a circle", "Break the circle."),
    _rule(rf"no such service: {_KEY}", "there is no service {key}", "Correct the name, or switch its profile on."),
    _rule(
        "no configuration file provided",
        "there is no compose file in this folder or above",
        "Name it with `compose: {{files: […]}}` in preflight.yaml.",
    ),
    _rule(
        rf"(?:stat|open) {_PATH}: no such file or directory",
        "a file that the project names is not there",
        "Correct the path, or put the file there.",
    ),
    _rule(
        rf"open {_PATH}: permission denied",
        "a file of the project may not be read",
        "Correct its permissions, or run as its owner.",
    ),
    _rule(
        rf"cannot read {_PATH}$",
        "a file that the project names cannot be read",
        "Correct the path, or put the file there.",
    ),
    _rule(
        "project name must not be empty|invalid project name",
        "the project's name is not valid",
        "Set project_name (lower case, digits, - and _).",
    ),
)

# Env files first: their messages end in words of the others. Schema before syntax: "compose.yaml: …".
RULES = (*_ENV_FILES, *_INTERPOLATION, *_SCHEMA, *_SYNTAX, *_PROJECT)
