"""Tasks of Docker Swarm, which carry no label of Compose."""

from preflight.context import Context
from preflight.engine.container import Container

_SWARM_SERVICE = "com.docker.swarm.service.name"
_STACK = "com.docker.stack.namespace"


def swarm_tasks(ctx: Context, service: str) -> tuple[Container, ...]:
    """Return the containers of Swarm services that have a service's name, alone or behind that of their stack.

    Raises:
        CouldNotLook: The engine cannot be asked.
    """
    listed = ctx.doors.engine.containers({}, ctx.deadline)
    return tuple(each for each in listed if _is_task(each, service))


def _is_task(container: Container, service: str) -> bool:
    name, stack = (container.labels.get(key, "") for key in (_SWARM_SERVICE, _STACK))
    return bool(name) and name in {service, f"{stack}_{service}"}
