"""What one host's answer means: the row of its report, or why there is no report."""

import math
import shlex
from collections.abc import Mapping
from typing import Any

from preflight.fleet.host import Host, host_of, without_report
from preflight.fleet.saved import report_in
from preflight.lib.durations import words
from preflight.lib.jsonshape import WrongShapeError
from preflight.lib.records import frozen
from preflight.lib.regex import regex
from preflight.lib.text import printable
from preflight.model import Json
from preflight.report import Report
from preflight.run.reporters.from_json import OtherSchemaError
from preflight.run.reporters.saved import LIMIT
from preflight.version import __version__

_EXPIRED, _KILLED = 124, (137, -9)
"""How timeout(1) ends when it ended the program, and when it, or the kernel, killed it."""

_SEARCHED = 20_000
"""Characters of each text in which a known reason is looked for."""

_DELTA = regex(r"(\d{1,4}):(\d\d):(\d\d(?:\.\d{1,6})?)")
"""How the module command says how long it took."""

_EMPTY_WORDS = "Module result deserialization failed"
_PREFIXES = ("Task failed: ", "Failed to connect to the host via ssh: ")


@frozen
class _Known:
    """A reason that is told by its own words.

    Args:
        kind: One or two words; empty to keep that of the event.
        pattern: What Ansible, a shell or ssh says then.
        hint: What to do; NAME stands for the host.
    """

    kind: str
    pattern: str
    hint: str


_REASONS = (
    _Known("disk full", "No space left on device", "Free space on the host: df -h"),
    _Known(
        "", "Host key verification failed|IDENTIFICATION HAS CHANGED",
        "Connect to it once with ssh, and compare the host key that ssh shows.",
    ),
    _Known("", r"Permission denied \(", "Correct the user or the key of ssh: ansible NAME -m ping"),
    _Known(
        "become", "Missing [a-z]+ password",
        "Set ansible_become_password in a vault, or ANSIBLE_BECOME_ASK_PASS=true to type it.",
    ),
    _Known("become", "Incorrect [a-z]+ password", "Correct ansible_become_password of the host."),
    _Known("become", "waiting for become success", "Correct ansible_become_method and ansible_become_user."),
    _Known(
        "no Python", r"module interpreter|python[0-9.]*['\u2019]?: (not found|No such|Permission)|minimum of Python",
        "Install Python 3 there (Ansible needs it), or set ansible_python_interpreter.",
    ),
    _Known(
        "not installed", "failed to run command|No module named preflight",
        "Install preflight there, or set preflight_command to what runs it, with its whole path.",
    ),
    _Known("no folder", "Unable to change directory", "Set preflight_chdir to the folder of the project there."),
    _Known(
        "variables", "Error while resolving value|is undefined",
        "Correct preflight_command and preflight_chdir: ansible-inventory --host NAME",
    ),
)  # fmt: skip
_PATTERNS = tuple((regex(known.pattern), known) for known in _REASONS)

_HINTS = {
    "unreachable": "See whether Ansible reaches it: ansible NAME -m ping",
    "timed out": "See what hangs there, or give it more time with --timeout.",
    "killed": "See whether the host has too little memory: dmesg",
    "no report": "See what the program prints there, and that preflight_command and preflight_chdir are right.",
    "interrupted": "Run the command again. With --limit it asks only some hosts.",
    "no answer": "Run the command again for this host: --limit NAME",
    "other version": f"Install one version of preflight here and there; here it is {__version__}.",
}


def answered(name: str, event: str, result: Mapping[str, Any], timeout_s: float) -> Host:
    """Return the row of a host.

    Args:
        name: The host in the inventory.
        event: How Ansible calls what happened, e.g. ``runner_on_unreachable``.
        result: What Ansible says of it; written by the host in part.
        timeout_s: The seconds that it had.
    """
    if event == "runner_on_unreachable":
        return without(name, "unreachable", _text(result, "msg") or "Ansible could not reach it", result)
    code, took_s = result.get("rc"), _seconds(result)
    if result.get("timedout") or code == _EXPIRED or (code in _KILLED and took_s >= timeout_s):
        return without(name, "timed out", f"no answer in {words(timeout_s)}")
    if not _text(result, "stdout").strip():
        if code in _KILLED:
            return without(name, "killed", f"the program was killed after {words(took_s)}")
        return without(name, "no report", _why(result), result)
    return _printed(name, _text(result, "stdout"))


def _printed(name: str, written: str) -> Host:
    """Return the row of what the program printed."""
    if len(written) > LIMIT:
        return without(name, "no report", f"the program printed more than {LIMIT >> 20} MiB")
    try:
        return host_of(_report(written), name)
    except OtherSchemaError as error:
        return without(name, "other version", str(error))
    except WrongShapeError as error:
        return without(name, "no report", f"what the program printed is no report: {error}")


def without(name: str, kind: str, reason: str, result: Mapping[str, Any] | None = None) -> Host:
    """Return the row of a host without report.

    Args:
        name: The host in the inventory.
        kind: One or two words, e.g. ``interrupted``.
        reason: Why.
        result: What Ansible says of it; may tell a better kind.
    """
    known = _known(result or {})
    hint = known.hint if known else _HINTS[kind]
    for prefix in _PREFIXES:
        reason = reason.removeprefix(prefix)
    kind = known.kind or kind if known else kind
    return without_report(name, kind, reason, hint.replace("NAME", shlex.quote(printable(name, 100))))


def _report(written: str) -> Report:
    """Return the report in what a program printed, also where a login or a wrapper printed lines before or after it."""
    try:
        return report_in(written)
    except WrongShapeError:
        lines = written.strip().splitlines()
        begin = next((number for number, line in enumerate(lines) if line.startswith("{")), 0)
        end = next((number for number, line in enumerate(reversed(lines)) if line.endswith("}")), None)
        if end is None and lines[begin].startswith("{"):
            raise WrongShapeError(f"it is cut off after {len(written)} characters") from None
        part = lines[begin : len(lines) - (end or 0)]
        if len(part) == len(lines):
            raise
        return report_in("\n".join(part))


def _known(result: Mapping[str, Json]) -> _Known | None:
    """Return the reason that the texts of a result tell."""
    texts = [_text(result, key) for key in ("msg", "stderr", "module_stderr", "module_stdout")]
    said = "\n".join(text if len(text) <= _SEARCHED else text[-_SEARCHED:] for text in texts)
    return next((known for pattern, known in _PATTERNS if pattern.search(said)), None)


def _why(result: Mapping[str, Any]) -> str:
    """Return why the program printed nothing: its last line on standard error, else what Ansible says."""
    said = [line for line in _text(result, "stderr").splitlines() if line.strip()]
    # With a terminal over ssh, the shell's error is on standard output, where the module's answer would be.
    before = [
        line for key in ("module_stderr", "module_stdout") for line in _text(result, key).splitlines() if line.strip()
    ]
    message = "" if _text(result, "msg").startswith(_EMPTY_WORDS) and before else _text(result, "msg")
    reason = said[-1] if said else ": ".join(each for each in (message, *before[:1]) if each)
    for prefix in _PREFIXES:
        reason = reason.removeprefix(prefix)
    code = result.get("rc")
    ended = f"the program ended with exit code {code}" if isinstance(code, int) else "the program was not run"
    return f"{ended}: {reason}" if reason else f"{ended} and printed nothing"


def _seconds(result: Mapping[str, Any]) -> float:
    """Return how long the program ran; without end where Ansible does not say."""
    match = _DELTA.fullmatch(_text(result, "delta"))
    return int(match[1]) * 3600.0 + int(match[2]) * 60 + float(match[3]) if match else math.inf


def _text(result: Mapping[str, Any], key: str) -> str:
    value = result.get(key)
    return value if isinstance(value, str) else ""
