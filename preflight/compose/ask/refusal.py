"""Why Compose refuses a project, in words that quote nothing from inside the files.

Compose's own messages quote lines of env files and values of variables, hence secrets. So a message is shown
only in our words (``refusal_words``), built from the parts that are safe: paths of files, line numbers, names of
services, keys and variables.
"""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from preflight.lib.records import frozen
from preflight.lib.regex import regex
from preflight.lib.text import printable

if TYPE_CHECKING:
    import re


@frozen
class Refusal:
    """Why Compose refuses the project.

    Args:
        message: One line, starting in lower case; no content of any file but names.
        hint: What to do.
        path: The file at fault, where Compose says which.
        line: The line in it, from 1.
        keys: The place in the YAML tree, e.g. ``services.app.environment.PIN``, where Compose names it.
        vague: Whether the compose file may tell more than Compose's words do.
        coolify: Whether it is about a key of Coolify's own.
    """

    message: str
    hint: str
    path: Path | None = None
    line: int | None = None
    keys: str = ""
    vague: bool = False
    coolify: bool = False


_LOG_LINE = regex(r"^(time=|level=|WARN\[)")


def read_refusal(stderr: str, exit_code: int, command: str, base: Path) -> Refusal:
    """Turn what Compose printed into our words.

    Args:
        stderr: All of its standard error.
        exit_code: How it ended; shown when the message is unknown.
        command: The command an operator can run to see Compose's own words.
        base: The folder Compose was started in; relative paths in its messages start there.
    """
    from preflight.compose.ask.refusal_texts import RULES  # compiles 40 patterns, which a sound project does not need

    text = "\n".join(line for line in stderr.splitlines() if not _LOG_LINE.match(line)).strip()
    for rule in RULES:
        match = rule.pattern.search(text)
        if match:
            refusal = _worded(rule.message, rule.hint, match, base)
            return replace(refusal, vague=rule.vague, coolify=rule.coolify)
    return Refusal(
        f"its reason is not known here (exit {exit_code})", f"See Compose's own words: {command}", vague=True
    )


def _worded(message: str, hint: str, match: "re.Match[str]", base: Path) -> Refusal:
    groups = {name: printable(text or "", 160) for name, text in match.groupdict().items()}
    if "keys" in groups:
        groups["keys"] = groups["keys"].strip(". ") or "the top level"
    path, line = groups.get("path"), groups.get("line")
    return Refusal(
        message.format(**groups),
        hint.format(**groups),
        base / path if path else None,
        int(line) if line else None,
        groups.get("keys", ""),
    )
