"""What an engine holds, to compare before with after."""

from dataclasses import dataclass

from tests.real.engine import RealEngine


@dataclass(frozen=True)
class EngineState:
    """Everything that could be touched: ids with names, and when containers were started."""

    containers: tuple[str, ...]
    volumes: tuple[str, ...]
    networks: tuple[str, ...]
    images: tuple[str, ...]


def production(engine: RealEngine) -> EngineState:
    """Look at all of it."""

    def lines(*words: str) -> tuple[str, ...]:
        return tuple(sorted(engine.docker(*words).stdout.splitlines()))

    ids = engine.docker("ps", "-aq", "--no-trunc").stdout.split()
    shape = "{{.Id}} {{.Name}} {{.State.Status}} {{.State.StartedAt}} {{.HostConfig.NetworkMode}} {{.Mounts}}"
    return EngineState(
        containers=lines("inspect", "--format", shape, *ids) if ids else (),
        volumes=lines("volume", "ls", "--format", "{{.Name}}"),
        networks=lines("network", "ls", "--no-trunc", "--format", "{{.ID}} {{.Name}}"),
        images=lines("images", "-a", "--no-trunc", "--format", "{{.ID}} {{.Repository}}:{{.Tag}}"),
    )
