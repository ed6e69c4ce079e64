"""What the real Compose makes of env files: many files in one project, one service each."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

Values = dict[str, str]


def compose_values(
    binary: Path, folder: Path, texts: Sequence[str], *, raw: bool = False, outside: Mapping[str, str] | None = None
) -> list[Values | None]:
    """Return for each env file the variables that Compose gives a container, or None where it refuses the file.

    Args:
        binary: The `docker-compose` to ask.
        folder: An empty folder to write the files to.
        texts: The files.
        raw: Ask with `format: raw`.
        outside: The environment of Compose.
    """
    for number, text in enumerate(texts):
        (folder / f"{number}.env").write_bytes(text.encode())
    everything = _ask(binary, folder, range(len(texts)), raw, outside or {})
    if everything is not None:
        return list(everything)
    if len(texts) == 1:
        return [None]
    half = len(texts) // 2
    parts = (texts[:half], texts[half:])
    return [each for part in parts for each in compose_values(binary, folder, part, raw=raw, outside=outside)]


def _ask(
    binary: Path,
    folder: Path,
    numbers: Sequence[int],
    raw: bool,
    outside: Mapping[str, str],
) -> list[Values] | None:
    entry = {"required": True, **({"format": "raw"} if raw else {})}
    services = {f"s{n}": {"image": "x", "env_file": [{"path": f"{n}.env", **entry}]} for n in numbers}
    arguments = ["-f", "-", "--project-directory", str(folder), "--project-name", "x", "--env-file", "/dev/null"]
    done = subprocess.run(
        [str(binary), *arguments, "config", "--format", "json"],
        input=json.dumps({"services": services}).encode(),
        env=dict(outside),
        capture_output=True,
        check=False,
        timeout=60,
    )
    if done.returncode != 0:
        return None
    answered = json.loads(done.stdout)["services"]
    return [_undoubled(answered[f"s{n}"].get("environment") or {}) for n in numbers]


def _undoubled(environment: Mapping[str, str | None]) -> Values:
    """Take `$$` for `$`, as `config` prints it, and leave out the nameless variable of a last bare line."""
    return {
        name.replace("$$", "$"): value.replace("$$", "$")
        for name, value in environment.items()
        if name and value is not None
    }
