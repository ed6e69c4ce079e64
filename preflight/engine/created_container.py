"""Make a container that is never started, see what it would run with, and remove it. The door hands in its client.

It has no network, no volume and no port, is called what nobody else is called, and its labels tell who made it: where
that process was killed, the next one finds and removes it.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any, Protocol

from preflight.engine.container import from_entries
from preflight.engine.problem import NOT_FOUND, in_place_of, status_of
from preflight.engine.shape import demanded, labels, mapping, sequence, texts
from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from preflight.lib.records import frozen

LABEL = "preflight.probe"
"""Marks the containers; its value tells who made one."""
PROJECT = "com.docker.compose.project"
_CONFLICT = 409
_PAUSE_S = 0.1


class UnstartedClient(Protocol):
    """What is used of the SDK's client."""

    def containers(self, **options: Any) -> Any:
        """`GET /containers/json`."""

    def create_container(self, **options: Any) -> Any:
        """`POST /containers/create`."""

    def create_host_config(self, **options: Any) -> Any:
        """Make the part of it that says what the host gives."""

    def inspect_container(self, container: str) -> Any:
        """`GET /containers/ID/json`."""

    def inspect_image(self, image: str) -> Any:
        """`GET /images/ID/json`."""

    def remove_container(self, container: str, **options: Any) -> Any:
        """`DELETE /containers/ID`."""


class NotMade(CouldNotLook):
    """The engine has refused to make a container, so there is none of ours, whoever may have that name."""


@frozen
class ContainerSpec:
    """A container to make.

    Args:
        name: The name of the container and of its project.
        owner: Who makes it, for its label.
        image: Id of an image that is here.
        environment: What it is given. Holds secrets.
    """

    name: str
    owner: str
    image: str
    environment: Mapping[str, str] = field(repr=False)


def make(client: UnstartedClient, _deadline: Deadline, order: ContainerSpec) -> None:
    """Make the container.

    Raises:
        NotMade: The image is gone, or the name is taken.
    """
    gone = NotMade(f"the image {order.image[:19]}… is gone", "It was removed meanwhile: try again.")
    taken = NotMade(f"there is a container {order.name} already", "Try again.")
    with in_place_of({NOT_FOUND: gone, _CONFLICT: taken}):
        image = mapping(client.inspect_image(order.image), "an image")
        volumes = mapping(mapping(image.get("Config"), "Config").get("Volumes"), "Volumes")
        client.create_container(
            image=order.image,
            entrypoint=["/preflight-probe-is-never-started"],
            command=[],
            environment=[f"{name}={value}" for name, value in order.environment.items()],
            host_config={**_alone(client), "Mounts": [_in_memory(path) for path in sorted(volumes)]},
            labels={LABEL: order.owner, PROJECT: order.name},
            name=order.name,
        )


def _alone(client: UnstartedClient) -> dict[str, Any]:
    given = client.create_host_config(
        cap_drop=["ALL"], network_mode="none", read_only=True, security_opt=["no-new-privileges"]
    )
    return {**given, "LogConfig": {"Type": "none", "Config": {}}}


def _in_memory(path: str) -> dict[str, Any]:
    """A mount in place of a volume that the image asks for: the engine would make one as soon as the container."""
    return {"Type": "tmpfs", "Target": path}


def environment_of(client: UnstartedClient, _deadline: Deadline, name: str) -> dict[str, str]:
    """Return what a container would run with."""
    made = mapping(client.inspect_container(name), "a container")
    return from_entries(texts(mapping(made.get("Config"), "Config").get("Env"), "Config.Env"))


def remove(client: UnstartedClient, deadline: Deadline, name: str, patience_s: float = 0.0) -> None:
    """Remove a container, and wait for one that may be about to be made.

    Args:
        client: The SDK's.
        deadline: For the engine's answer.
        name: The name of the container, or its id.
        patience_s: How long one that is not there is waited for.
    """
    limit = min(deadline.at, time.monotonic() + patience_s)
    while True:
        try:
            client.remove_container(name, force=True, v=True)
        except Exception as error:  # of the SDK, which is not imported here
            code = status_of(error)
            if code == _CONFLICT or (code == NOT_FOUND and time.monotonic() >= limit):
                return  # somebody else removes it just now, or there is none
            if code != NOT_FOUND:
                raise
            time.sleep(_PAUSE_S)
        else:
            return


def left_behind(client: UnstartedClient, _deadline: Deadline, most: int) -> Sequence[tuple[str, str]]:
    """Return id and owner of the containers of this kind that never ran, and no more than so many."""
    listed = client.containers(all=True, filters={"label": [LABEL], "status": ["created"]})
    items = [mapping(each, "a container") for each in sequence(listed, "a list of containers")[:most]]
    return [(demanded(each.get("Id"), "Id"), labels(each.get("Labels")).get(LABEL, "")) for each in items]
