"""What the parser makes of ``volumes:``: bind mounts go below the resource's folder, volumes get its UUID (P:740-950).

Each becomes a row among the storages as well, which the stand-in leaves out.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from tests.real.coolify import php
from tests.real.coolify.labels import slug
from tests.real.coolify.php import Array
from tests.real.coolify.shell import DeploymentFailed

_MODES = {
    *("ro", "rw", "z", "Z", "rslave", "rprivate", "rshared", "slave", "private", "shared"),
    *("cached", "delegated", "consistent"),
}
AS_THEY_ARE = ("/var/run/docker.sock", "/tmp", "/tmp/")  # noqa: S108 -- what a user mounts
"""Sources of bind mounts that nobody makes or moves."""
_DEFAULT = re.compile(r"\$\{(?P<name>[^}]+?):-(?P<default>[^}]*)\}")
_VARIABLE = re.compile(r"\$\{[A-Za-z_]\w*\}[/\w.-]*", re.ASCII)
_DANGEROUS = ("`", "$(", "${", "|", "&", ";", "\n", "\r", "\t", ">", "<")
_OWN_KEYS = ("content", "isDirectory", "is_directory")


@dataclass
class Volumes:
    """Rewrites the volumes of one file's services.

    Args:
        uuid: Of the resource.
        folder: Of the resource on the server.
        suffix: That a preview gives to what it mounts.
        top_level: The section ``volumes:``; those that services use are added.
    """

    uuid: str
    folder: str
    suffix: str
    top_level: Array
    _mode: str = field(default="", init=False)
    """Of the last volume written as text: one written as a map gets it, too."""

    def rewritten(self, volumes: Array) -> Array:
        """Return the volumes of a service.

        Raises:
            DeploymentFailed: A path has letters that a shell would take for its own.
        """
        found = ((key, self._one(volume)) for key, volume in volumes.items())
        return {key: volume for key, volume in found if volume is not None}

    def _one(self, volume: Any) -> Any:
        if isinstance(volume, dict):
            kind, source, target = (php.text(volume.get(key)) for key in ("type", "source", "target"))
            if not (_VARIABLE.fullmatch(source) or _DEFAULT.fullmatch(source)):
                require_safe(source)
            require_safe(target)
        else:
            source, target, self._mode = split(php.text(volume))
            kind = "bind" if source.startswith(("./", "/", "~", "..")) else "volume"
        if kind == "bind":
            place = source if source in AS_THEY_ARE else self._below(source) + self.suffix
            return f"{place}:{target}{self._mode and ':'}{self._mode}"
        if kind != "volume":
            return without_own_keys(volume)
        options = php.collected(self.top_level.get(source)).get("driver_opts")
        if isinstance(options, dict) and options.get("type") in ("cifs", "nfs"):
            return None
        name = f"{self.uuid}_{slug(source)}{self.suffix}"
        self.top_level[name] = {"name": name}
        if isinstance(volume, dict):
            return without_own_keys({**volume, "source": name})
        return f"{name}:{target}{self._mode and ':'}{self._mode}"

    def _below(self, source: str) -> str:
        """Return a path with the folder for its first dot or tilde, without a slash at its end."""
        if source.startswith((".", "~")):
            source = self.folder + source[1:]
        return source.removesuffix("/") if source != "/" else source


def without_own_keys(volume: Any) -> Any:
    """Return a volume without the keys that only Coolify knows."""
    return {key: value for key, value in volume.items() if key not in _OWN_KEYS} if isinstance(volume, dict) else volume


def split(volume: str) -> tuple[str, str, str]:
    """Return source, target and mode of a volume written as text (P:116-358).

    Raises:
        DeploymentFailed: A path has letters that a shell would take for its own.
    """
    source, target, mode = _parts(volume.strip())
    if (found := _DEFAULT.fullmatch(source)) is not None:
        source = found["default"] or f"${{{found['name']}}}"
    if not _VARIABLE.fullmatch(source):
        require_safe(source)
    require_safe(target)
    return source, target, mode


def _parts(text: str) -> tuple[str, str, str]:
    begins_with_default = _DEFAULT.match(text)
    begins = begins_with_default.end() if begins_with_default else 0
    colons = text.count(":", begins)
    if colons == 0:
        return text, text, ""
    if begins_with_default and colons <= 2:
        rest = text[begins:]
        if not rest.startswith(":"):
            return text[:begins], rest if colons == 1 else "", ""
        return text[:begins], *(_with_mode(rest[1:]) if colons == 2 else (rest[1:], ""))
    has_drive = colons > 1 and re.match("[A-Za-z]:", text)
    at = text.find(":", 2 if has_drive else 0)
    source, target = text[:at], text[at + 1 :]
    return source, *((target, "") if has_drive and colons == 2 else _with_mode(target))


def _with_mode(target: str) -> tuple[str, str]:
    before, colon, last = target.rpartition(":")
    return (before, last) if colon and last in _MODES else (target, "")


def require_safe(text: str) -> None:
    """Refuse what a shell would take for its own (SH:136-165).

    Raises:
        DeploymentFailed: The text has such letters.
    """
    for letters in _DANGEROUS:
        if letters in text:
            raise DeploymentFailed(f"Invalid path: contains forbidden character '{letters}'.")
