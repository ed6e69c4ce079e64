"""What a command of the sentinel looks at: the pins, the project, and doors that are opened again each time."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from preflight.context import Context, Options
from preflight.errors import ConfigurationError
from preflight.lib.deadline import Deadline
from preflight.lib.records import frozen
from preflight.model import Need
from preflight.project import Pin
from preflight.run.config import Configuration
from preflight.run.scene import set_scene

_NEEDS = frozenset({Need.PIN, Need.ENGINE})


@frozen
class Surroundings:
    """What stays the same while the world changes.

    Args:
        configuration: What the operator says.
        environ: The environment of the process.
        cwd: The folder the operator stands in.
        files: Pin files the operator named; empty: all.
    """

    configuration: Configuration
    environ: Mapping[str, str]
    cwd: Path
    files: Sequence[Path] = ()

    def look(self, deadline: Deadline) -> Context:
        """Return the pins and doors, as things are now; what doors keep is not older than this call.

        Raises:
            ConfigurationError: There is no pin, or none in the files that were named.
            CouldNotLook: The project cannot be read.
        """
        scene = set_scene(self.configuration, self.environ, _NEEDS, deadline, registry_insecure=frozenset())
        return Context(
            pins=self._chosen(scene.pins),
            project=scene.project,
            doors=scene.doors,
            deadline=deadline,
            environ=self.environ,
            options=Options(),
            cwd=self.cwd,
        )

    def _chosen(self, pins: Sequence[Pin]) -> tuple[Pin, ...]:
        wanted = {(self.cwd / file).resolve() for file in self.files}
        chosen = tuple(pin for pin in pins if not wanted or pin.file.resolve() in wanted)
        if not chosen:
            what = "none of the pins is in that file" if wanted and pins else "no pin was found"
            raise ConfigurationError(
                what, "Name pin, service and file under pins: in preflight.yaml (`preflight init` writes one)."
            )
        return chosen
