"""What the benchmark runs on, made afresh each time: a large compose file, a folder with many checks."""

from pathlib import Path

SERVICE = """\
  service-{number}:
    image: ${{REGISTRY:-ghcr.io}}/acme/service-{number}:${{VERSION:-1.{number}.0}}
    restart: unless-stopped
    env_file:
      - path: common.env
        required: false
      - path: service-{number}.local.env
        required: false
    environment:
      SERVICE_NAME: service-{number}
      LOG_LEVEL: ${{LOG_LEVEL:-info}}
      DATABASE_URL: postgres://db-{shard}:5432/${{DATABASE:-app}}_{number}
      FEATURES: "a,b,c"
    ports:
      - "127.0.0.1:{port}:8080"
    labels:
      team: team-{shard}
    healthcheck:
      test: ["CMD", "wget", "-q", "-O-", "http://127.0.0.1:8080/health"]
      interval: 30s
"""

DEPENDS = """\
    depends_on:
      - service-{first}
"""

PINNED = """\
services:
  application-server:
    image: ghcr.io/acme/application-server:1.0.0
    env_file:
      - path: agent-image-pin.env
        required: false
      - path: agent-image-pin.local.env
        required: false
"""

PIN = f"HEPHAESTUS_AGENT_IMAGE_REFERENCE=ghcr.io/acme/agent@sha256:{'0123456789abcdef' * 4}\n"

CHECK = '''\
"""One of many."""

from collections.abc import Iterator

from preflight import About, Check, Context, Finding, NoSettings, passed


class Trivial{number}(Check[NoSettings]):
    """Looks at nothing."""

    about = About(
        id="trivial-{number}",
        title="Nothing is wrong",
        tags=frozenset({{"bench"}}),
        needs=frozenset(),
        asks="Is all well?",
        why="To see what a check costs.",
        failures=(),
    )

    def run(self, ctx: Context) -> Iterator[Finding]:
        """Say that all is well."""
        yield passed("all is well")
'''


def large_project(folder: Path, services: int) -> Path:
    """Make a project with that many services beside the pinned one, and return its folder."""
    folder.mkdir()
    parts = [PINNED]
    for number in range(1, services):
        parts.append(SERVICE.format(number=number, shard=number % 20, port=10000 + number))
        if number % 50 == 0:
            parts.append(DEPENDS.format(first=number - 1))
    (folder / "compose.yaml").write_text("".join(parts))
    (folder / "agent-image-pin.env").write_text(PIN)
    (folder / "common.env").write_text("TZ=Europe/Berlin\nHTTP_PROXY=\nMETRICS=on\n")
    return folder


def many_checks(folder: Path, count: int) -> Path:
    """Make a folder for ``--checks-dir`` with that many checks, one a file, and return it."""
    folder.mkdir()
    for number in range(count):
        (folder / f"trivial_{number}.py").write_text(CHECK.format(number=number))
    return folder
