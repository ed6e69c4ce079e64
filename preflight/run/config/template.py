"""A commented ``preflight.yaml`` for what was found in a folder."""

import json
import os.path
from collections.abc import Iterable, Sequence
from pathlib import Path

from preflight.project import ComposeProject, Pin


def template(project: ComposeProject, pins: Sequence[Pin], folder: Path) -> str:
    """Return the text of a configuration that says what was found and names every other section.

    Args:
        project: How Compose is called.
        pins: What is pinned; without any, an example stands there, commented out.
        folder: Where the configuration will lie; paths are written relative to it.
    """
    lines = [
        "# Configuration of preflight. Relative paths are relative to this file.",
        "# Every key is optional: what is left out is found by looking.",
        "",
        "# The variables that pin an image by digest, and the service that reads each.",
        *_pins(pins, folder),
        "",
        "# How Compose is called for the deployment.",
        *_compose(project, folder),
        "",
        "# Registries that may be asked in plain HTTP; all others are asked over TLS.",
        'registry: {insecure: []}  # e.g. ["127.0.0.1:5000"]',
        "",
        "# Coolify, where it deploys this; by default its application is found by looking.",
        "coolify:",
        "  root: /data/coolify",
        "  pin_in: file  # ui: the containers get the pin from a variable in Coolify's UI",
        "# application: UUID  # from the address of its page in Coolify",
        "# url: https://coolify.example.com  # its API; this and the next two only in a file named with --config",
        "# token_file: coolify-token",
        "# ca_file: coolify-ca.pem",
        "",
        "# Settings of single checks; `preflight explain ID` names them.",
        "checks:",
        '  compose-version: {minimum: "2.24.0"}',
        "",
        "# Failures accepted until a day; an expired waiver fails.",
        "waivers: []",
        '# - {check: ghcr-tag-retention, code: pruned, until: 2027-01-31, reason: "why it is accepted"}',
        "",
        "# Whom recorded runs are told to; counts only in a file that is named with --config.",
        "# history: history.db",
        "# notify:",
        "#   - {type: healthchecks, url_file: ping-url}",
        "#   - {type: mail, to: [ops@example.com]}",
        "",
    ]
    return "\n".join(lines)


def _pins(pins: Sequence[Pin], folder: Path) -> Iterable[str]:
    if not pins:
        return (
            "# pins:",
            "#   - variable: APP_IMAGE_REFERENCE",
            "#     service: app",
            "#     file: docker/app-image-pin.env",
            "#     overrides: [docker/app-image-pin.local.env]",
            '#     message: "Pin {digest} for {release} [skip actions]"  # of the commits of `preflight pin update`',
        )
    return ("pins:", *(line for pin in pins for line in _pin(pin, folder)))


def _pin(pin: Pin, folder: Path) -> Iterable[str]:
    yield f"  - variable: {_text(pin.variable)}"
    yield f"    service: {_text(pin.service)}"
    yield f"    file: {_path(pin.file, folder)}"
    if pin.overrides:
        yield f"    overrides: {_paths(pin.overrides, folder)}  # on a developer's machine only"


def _compose(project: ComposeProject, folder: Path) -> Iterable[str]:
    directory = _path(project.project_directory, folder) if project.project_directory else "null"
    yield "compose:"
    yield f"  files: {_paths(project.files, folder)}  # empty: the names that Compose finds by itself"
    yield f"  project_directory: {directory}  # --project-directory"
    yield f"  env_files: {_paths(project.env_files, folder)}  # --env-file: interpolation only, never the container"
    yield f"  profiles: {json.dumps(list(project.profiles))}"
    yield f"  project_name: {_text(project.project_name) if project.project_name else 'null'}"


def _paths(paths: Sequence[Path], folder: Path) -> str:
    return f"[{', '.join(_path(path, folder) for path in paths)}]"


def _path(path: Path, folder: Path) -> str:
    return _text(os.path.relpath(path, folder))


def _text(text: str) -> str:
    """Return a YAML scalar: plain where nothing in it could be misread, else quoted as JSON (which is YAML)."""
    plain = text.replace("_", "a").replace("-", "a").replace("/", "a").replace(".", "a").isalnum()
    return text if plain and text[0].isalpha() and text.lower() not in _WORDS else json.dumps(text)


_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
