"""Platforms as images name them (`linux/arm/v7`), and what an engine takes where its own is not there.

The rules are those of containerd's `platforms` package ("Normalize", "Only"), which Docker follows when it picks a
child of an index: the same architecture first, then older variants, then the 32-bit sister.
"""

import os

from preflight.lib.records import frozen

# What `uname -m` says, to what Go and hence images say.
_MACHINES = {
    "x86_64": ("amd64", ""),
    "x86-64": ("amd64", ""),
    "i386": ("386", ""),
    "i486": ("386", ""),
    "i586": ("386", ""),
    "i686": ("386", ""),
    "aarch64": ("arm64", ""),
    "armhf": ("arm", "v7"),
    "armel": ("arm", "v6"),
    "armv8l": ("arm", "v8"),
    "armv7l": ("arm", "v7"),
    "armv6l": ("arm", "v6"),
    "armv5l": ("arm", "v5"),
    "armv5tel": ("arm", "v5"),
    "loongarch64": ("loong64", ""),
}
_DEFAULT_VARIANTS = {("amd64", "v1"), ("arm64", "v8"), ("arm64", "8")}
_OLDER_ARM = ("v8", "v7", "v6", "v5")
_OLDER_AMD64 = ("v4", "v3", "v2", "")


@frozen
class Platform:
    """What an image runs on.

    Args:
        os: E.g. `linux`.
        architecture: As Go names it, e.g. `amd64`.
        variant: E.g. `v7`; empty for the usual one of the architecture.
    """

    os: str
    architecture: str
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)

    @property
    def is_unknown(self) -> bool:
        """Whether it is what BuildKit writes for things that do not run."""
        return self.os == self.architecture == "unknown"


def normal_platform(os_name: str, architecture: str, variant: str = "") -> Platform:
    """Return a platform with the names that images use, whichever way it was written."""
    known, usual = _MACHINES.get(architecture.lower(), (architecture.lower(), ""))
    chosen = variant.lower() or usual
    if known == "arm":
        chosen = f"v{(chosen or 'v7').removeprefix('v')}"
    return Platform(os_name.lower(), known, "" if (known, chosen) in _DEFAULT_VARIANTS else chosen)


def this_machine() -> Platform:
    """Return the platform of this machine's containers, for want of an engine that says: Linux, on its processor."""
    return normal_platform("linux", os.uname().machine)


def substitutes(host: Platform) -> tuple[Platform, ...]:
    """Return what an engine takes where its own platform is missing, best first."""
    if host.architecture == "arm":
        older = _OLDER_ARM[_OLDER_ARM.index(host.variant) + 1 :] if host.variant in _OLDER_ARM else ()
        return tuple(Platform(host.os, "arm", variant) for variant in older)
    if host.architecture == "arm64":
        return tuple(Platform(host.os, "arm", variant) for variant in _OLDER_ARM)
    if host.architecture == "amd64":
        older = _OLDER_AMD64[_OLDER_AMD64.index(host.variant) + 1 :] if host.variant in _OLDER_AMD64 else ()
        return (*(Platform(host.os, "amd64", variant) for variant in older), Platform(host.os, "386"))
    return ()
