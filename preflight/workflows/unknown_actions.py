"""What the name of something that cannot be read says of it: that it cleans packages up, that it builds, or neither."""

import re

from preflight.lib.regex import regex

_REMOVES = regex(r"prun|clean|retention|delet|purg|remov|expir|housekeep|tidy|sweep|garbage|\bgc\b", re.IGNORECASE)
_PACKAGES = regex(r"ghcr|packages?|container|images?|registry|docker|versions?", re.IGNORECASE)
_UNTAGGED = regex(r"untag", re.IGNORECASE)
_HARMLESS = regex(r"artifact|cache|workflow-?run|branch|disk|node_modules|release", re.IGNORECASE)
# A name that says both is about packages after all: delete-ghcr-images-of-branches.
_TELLING = regex(r"ghcr|untag|registry|container|packages?-?versions?", re.IGNORECASE)
_BUILDS = regex(
    r"build|publish|push|release|deploy|deliver|docker|image|container|oci|bake|package|test|lint|check|scan|sign|attest"
    r"|sbom|helm|chart|pipeline|promote|mirror|ship|upload|(?:^|[^a-z])c[id](?:[^a-z]|$)",
    re.IGNORECASE,
)
_MAX_NAME = 300


def prunes_packages(action: str) -> bool:
    """Whether the name of an action speaks of deleting packages."""
    name = action[:_MAX_NAME]
    removes = _REMOVES.search(name) or _UNTAGGED.search(name)
    speaks = removes and (_PACKAGES.search(name) or _UNTAGGED.search(name))
    return bool(speaks and (not _HARMLESS.search(name) or _TELLING.search(name)))


def cleans_up(name: str) -> bool:
    """Whether a name speaks of deleting something, be it packages or not."""
    return bool(_REMOVES.search(name[:_MAX_NAME]) and not _HARMLESS.search(name[:_MAX_NAME]))


def only_builds(name: str) -> bool:
    """Whether a name speaks of building or publishing, and not of deleting."""
    return bool(_BUILDS.search(name[:_MAX_NAME]) and not _REMOVES.search(name[:_MAX_NAME]))
