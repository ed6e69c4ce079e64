"""Which paths in ``volumes:`` stop Coolify's deployment: those with letters that a shell takes for its own.

From ``parseDockerVolumeString`` and ``applicationParser`` (bootstrap/helpers/parsers.php 116-358, 760-790) and
``validateShellSafePath`` (bootstrap/helpers/shared.php 136) at 4.3.11; checked in every mode since 4.0.0-beta.436.
"""

from preflight.lib.regex import regex
from preflight.lib.yamlnodes import Mapping, Node, Scalar

UNSAFE = ("`", "$(", "${", "|", "&", ";", "\n", "\r", "\t", ">", "<")
_MODES = frozenset(
    {
        *("ro", "rw", "z", "Z", "rslave", "rprivate", "rshared", "slave", "private", "shared"),
        *("cached", "delegated", "consistent"),
    }
)
_WITH_DEFAULT = regex(r"\$\{[^}]+:-[^}]*\}")
_VARIABLE = regex(r"\$\{[^}]+\}")
_BEGINS_WITH_NAME = regex(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}[/A-Za-z0-9_.-]*")
_WITH_MODE = 2
"""Colons where a mode follows the target."""
_DRIVE = regex(r"[A-Za-z]:")


def unsafe_in(volume: Node) -> str:
    """Return the first letters in the source or target of a volume that Coolify refuses; "" where there are none."""
    if isinstance(volume, Mapping):
        source, target = (_text(volume.get(key)) for key in ("source", "target"))
        allowed = _BEGINS_WITH_NAME.fullmatch(source) or _WITH_DEFAULT.fullmatch(source)
    else:
        source, target = _split(_text(volume).strip())
        allowed = _BEGINS_WITH_NAME.fullmatch(source)
    return ("" if allowed else _first(source)) or _first(target)


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) and not node.is_null else ""


def _first(text: str) -> str:
    return next((letters for letters in UNSAFE if letters in text), "")


def _split(volume: str) -> tuple[str, str]:
    """Return source and target of a volume written as text, as far as the parser looks at them."""
    default = _WITH_DEFAULT.match(volume)
    begins = default.end() if default else 0
    colons = volume.count(":", begins)
    if colons == 0:
        return _source(volume), volume
    if default is not None and colons <= _WITH_MODE:
        rest = volume[begins:]
        if not rest.startswith(":"):
            return _source(volume[:begins]), rest if colons == 1 else ""
        return _source(volume[:begins]), rest[1:] if colons == 1 else _without_mode(rest[1:])
    has_drive = colons > 1 and _DRIVE.match(volume) is not None
    at = volume.find(":", 2 if has_drive else 0)
    source, target = volume[:at], volume[at + 1 :]
    return _source(source), target if has_drive and colons == _WITH_MODE else _without_mode(target)


def _without_mode(target: str) -> str:
    before, _, last = target.rpartition(":")
    return before if last in _MODES else target


def _source(written: str) -> str:
    """Return a source with the default of a variable in its place."""
    name, has_default, default = written[2:-1].partition(":-")
    if not (has_default and _VARIABLE.fullmatch(written)):
        return written
    return default or f"${{{name}}}"
