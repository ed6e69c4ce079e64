"""Why Compose refuses a project, in words that quote nothing from inside the files.

Compose's own messages quote lines of env files and values of variables, hence secrets. So a message is shown
only in our words, built from the parts that are safe: paths of files, line numbers, names of services, keys
and variables. The messages were collected from Compose 2.23.3, 2.24.1, 2.24.7, 2.29.7 and 2.40.3.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from preflight.text import printable


@dataclass(frozen=True)
class Refusal:
    """Why Compose refuses the project.

    Args:
        message: One line, starting in lower case; no content of any file but names.
        hint: What to do.
        path: The file at fault, where Compose says which.
        line: The line in it, from 1.
        long_form: Whether this Compose is too old for the long form of ``env_file``.
    """

    message: str
    hint: str
    path: Path | None = None
    line: int | None = None
    long_form: bool = False


_Make = Callable[["re.Match[str]"], Refusal]
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_KEYS = r"[\w.\-/]*"
_LOG_LINE = re.compile(r'^(time=".*" )?level=\w+ .*$|^WARN\[|^time=')


def read_refusal(stderr: str, exit_code: int, command: str) -> Refusal:
    """Turn what Compose printed into our words.

    Args:
        stderr: All of its standard error.
        exit_code: How it ended; shown when the message is unknown.
        command: The command an operator can run to see Compose's own words.
    """
    lines = [line for line in stderr.splitlines() if not _LOG_LINE.match(line)]
    text = "\n".join(lines).strip()
    for pattern, make in _KNOWN:
        match = pattern.search(text)
        if match:
            return make(match)
    return Refusal(f"no known reason (exit {exit_code})", f"See Compose's own words: {command}")


def _say(message: str, hint: str, *, long_form: bool = False) -> _Make:
    """Build a refusal whose texts may name groups of the pattern; ``path`` and ``line`` become its place."""

    def make(match: "re.Match[str]") -> Refusal:
        groups = {name: printable(text or "", 160) for name, text in match.groupdict().items()}
        path, line = groups.get("path"), groups.get("line")
        return Refusal(
            message.format(**groups),
            hint.format(**groups),
            Path(path) if path else None,
            int(line) if line else None,
            long_form,
        )

    return make


def _unknown_key(match: "re.Match[str]") -> Refusal:
    keys = match["keys"].replace("(root)", "").strip(". ")
    where = f"in {keys}" if keys else "at the top level"
    return Refusal(
        f"the key {printable(match['key'], 80)} {where} is not known to this Compose",
        "Correct or delete the key.",
        Path(printable(match["path"], 300)),
    )


_PATH = r"(?P<path>/[^\n:]*|[^\s:]+)"
_KNOWN: tuple[tuple["re.Pattern[str]", _Make], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), make)
    for pattern, make in (
        (
            rf"validating {_PATH}: (?P<keys>services\.[\w.-]+\.env_file\.\d+) must be a string",
            _say(
                "this Compose does not know the long form of env_file ({keys})",
                "Install Compose 2.24.0 or newer (check compose-version).",
                long_form=True,
            ),
        ),
        (
            r"validating (?P<path>[^\n]+?):\s+(?P<keys>[\w.\-()]*)\s*"
            r"additional propert(?:y|ies) '?(?P<key>[\w.\-]+)'?(?:, '[^\n]*)? (?:is )?not allowed",
            _unknown_key,
        ),
        (
            r"(?:validating (?P<path>[^\n]+?):\s+)?(?P<keys>[\w.\-]+) must be (?P<what>an? [a-z, ]+|one of)",
            _say("{keys} must be {what}", "Correct the value of {keys} in the compose file."),
        ),
        (
            r"validating (?P<path>[^\n]+?):\s+(?P<keys>[\w.\-]+)",
            _say("the value of {keys} is not valid", "Correct {keys} in the compose file."),
        ),
        (
            r"failed to parse (?P<path>[^\n]+?): (?:yaml: )?(?:unmarshal errors:\s*)?line (?P<line>\d+): mapping key "
            r'"(?P<key>[^"\n]{1,80})" already defined at line (?P<first>\d+)',
            _say("the key {key} stands twice (first in line {first})", "Delete one of the two lines."),
        ),
        (
            r'line (?P<line>\d+): mapping key "(?P<key>[^"\n]{1,80})" already defined at line (?P<first>\d+)',
            _say("the key {key} stands twice (first in line {first})", "Delete one of the two lines."),
        ),
        (
            r"(?:failed to parse (?P<path>[^\n]+?): )?yaml: (?:line (?P<line>\d+): )?(?P<what>found character that "
            r"cannot start any token)",
            _say("the YAML has a character that cannot stand there, e.g. a tab", "Indent with spaces only."),
        ),
        (
            r"(?:failed to parse (?P<path>[^\n]+?): )?yaml: (?:line (?P<line>\d+): )?(?P<what>did not find expected "
            r"[\w' -]+|found unexpected end of stream|mapping values are not allowed in this context|control characters "
            r"are not allowed|invalid leading UTF-8 octet|could not find expected '\W'|block sequence entries are not "
            r"allowed in this context)",
            _say("a compose file is no valid YAML: {what}", "Correct the compose file."),
        ),
        (
            r"yaml: unknown anchor '(?P<key>[^'\n]{1,60})' referenced",
            _say("the YAML anchor {key} is not defined", "Define the anchor above its use."),
        ),
        (
            r"(?:failed to parse (?P<path>[^\n]+?): )?yaml: (?:unmarshal errors:\s*)?(?:line (?P<line>\d+): )?",
            _say("a compose file is no valid YAML", "Correct the compose file."),
        ),
        (
            r"top-level object must be a mapping",
            _say("a compose file does not hold a mapping", "Name the right compose file."),
        ),
        (r"empty compose file", _say("a compose file is empty", "Name the right compose file.")),
        (
            r"couldn't find env file: (?P<path>[^\n]+)",
            _say("the file named by --env-file is not there", "Correct --env-file or COMPOSE_ENV_FILES."),
        ),
        (
            r"env file (?P<path>[^\n]+?) not found",
            _say(
                "an env_file that is required is not there",
                "Put the file there, or list it with `required: false`.",
            ),
        ),
        (
            r"failed to (?:read|load) (?P<path>[^\n]+?): (?:line \d+: )?unterminated quoted value",
            _say("a quoted value in an env file has no end", "Close the quote."),
        ),
        (
            r"failed to (?:read|load) (?P<path>[^\n]+?): line (?P<line>\d+): key cannot contain a space",
            _say("a name in an env file has a space in it", "Write NAME=value."),
        ),
        (
            r"failed to (?:read|load) (?P<path>[^\n]+?): line (?P<line>\d+): unexpected character",
            _say("a name in an env file has a character it cannot have", "Write NAME=value."),
        ),
        (
            rf"failed to (?:read|load) (?P<path>[^\n]+?): required variable (?P<key>{_NAME}) is missing a value",
            _say("an env file requires the variable {key}, which is not set", "Set {key}, or write the value out."),
        ),
        (
            r"failed to (?:read|load) (?P<path>[^\n]+?): invalid template",
            _say("an env file has a `$` that starts no valid ${{NAME}}", "Write `$$` for a plain dollar sign."),
        ),
        (
            r"failed to (?:read|load) (?P<path>[^\n]+?): read [^\n]+: is a directory",
            _say("a directory stands where an env file is due", "Put a regular file there."),
        ),
        (
            r"failed to (?:read|load) (?P<path>[^\n:]+)",
            _say("an env file cannot be read", "Correct the file, its encoding or its permissions."),
        ),
        (
            r'unsupported env_file format "(?P<key>[\w.-]{1,40})"',
            _say("the env_file format {key} does not exist", "Write `format: raw`, or leave the key out."),
        ),
        (
            rf"error while interpolating (?P<keys>{_KEYS}): required variable (?P<key>{_NAME}) is missing a value",
            _say(
                "{keys} requires the variable {key}, which is not set",
                "Take the `${{{key}:?…}}` out of {keys}, or set {key}.",
            ),
        ),
        (
            rf"required variable (?P<key>{_NAME}) is missing a value",
            _say("the variable {key} is required and not set", "Set {key}, or take the `${{{key}:?…}}` out."),
        ),
        (
            rf"error while interpolating (?P<keys>{_KEYS}): failed to cast",
            _say("the value of {keys} has the wrong type", "Correct the value of {keys}."),
        ),
        (
            rf"invalid interpolation format for (?P<keys>{_KEYS}?)\.?\n",
            _say("{keys} has a `$` that starts no valid ${{NAME}}", "Write `$$` for a plain dollar sign."),
        ),
        (
            r'service "(?P<key>[\w.-]+)" has neither an image nor a build context',
            _say("the service {key} has neither an image nor a build context", "Give it an image or a build."),
        ),
        (
            r'service "(?P<key>[\w.-]+)" depends on undefined service "?(?P<other>[\w.-]+)',
            _say("the service {key} depends on {other}, which does not exist", "Correct depends_on."),
        ),
        (
            r'service "(?P<key>[\w.-]+)" refers to undefined (?P<what>\w+) "?(?P<other>[\w.-]+)',
            _say("the service {key} refers to the {what} {other}, which does not exist", "Define {other}."),
        ),
        (
            r'cannot extend service "(?P<key>[\w.-]+)" in (?P<path>[^\n]+?): service (?:"(?P<other>[\w.-]+)" )?not found',
            _say("the service {key} extends one that does not exist", "Correct `extends` of {key}."),
        ),
        (r"dependency cycle detected", _say("services depend on each other in a circle", "Break the circle.")),
        (r"include cycle detected", _say("compose files include each other in a circle", "Break the circle.")),
        (r"circular reference", _say("services extend each other in a circle", "Break the circle.")),
        (
            r"no such service: (?P<key>[\w.-]+)",
            _say("there is no service {key}", "Correct the name, or switch its profile on."),
        ),
        (
            r"no configuration file provided",
            _say("there is no compose file in this folder or above", "Name it with `compose: {{files: […]}}`."),
        ),
        (
            r"(?:stat|open) (?P<path>[^\n:]+): no such file or directory",
            _say("a file that the project names is not there", "Correct the path, or put the file there."),
        ),
        (
            r"open (?P<path>[^\n:]+): permission denied",
            _say("a file of the project may not be read", "Correct its permissions, or run as its owner."),
        ),
        (
            r"cannot read (?P<path>[^\n]+)",
            _say("a file that the project names cannot be read", "Correct the path, or put the file there."),
        ),
        (
            r"project name must not be empty|invalid project name",
            _say("the project's name is not valid", "Set project_name (lower case, digits, - and _)."),
        ),
        (
            r"(?P<keys>services\.[\w.-]+) must be a mapping",
            _say("{keys} must be a mapping", "Correct {keys} in the compose file."),
        ),
    )
)
