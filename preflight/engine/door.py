"""The one door to the Docker engine: list, inspect, exec, run apart. Each answer is asked for once."""

import json
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from preflight.engine.container import (
    Container,
    Details,
    Ended,
    ExecResult,
    Sight,
    from_entries,
)
from preflight.engine.endpoint import Endpoint, find_endpoint
from preflight.engine.exec_in_container import run_inside
from preflight.engine.image_store import (
    LocalImage,
    StoredImage,
    StoreKind,
    engine_platform,
    local_image,
    store_kind,
    stored_image,
)
from preflight.engine.look import Look
from preflight.engine.problem import NOT_FOUND, ExecRefused, Refusal, knock, no_engine
from preflight.engine.reader import Reader
from preflight.engine.sdk import WHAT, ask, import_docker, read
from preflight.engine.shape import mapping, sequence, texts
from preflight.errors import CouldNotLook, DeadlineExceeded
from preflight.lib.deadline import Deadline
from preflight.lib.once import Once
from preflight.lib.parallel import one, together
from preflight.lib.platforms import Platform
from preflight.lib.regex import regex

if TYPE_CHECKING:
    from preflight.engine.created_container import ContainerSpec
    from preflight.engine.sdk import APIClient
    from preflight.engine.smoke_container import SmokeResult, SmokeTest

T = TypeVar("T")

RUNNING = "running"
_OLDEST_MINOR = 24
_OLDEST_API = f"1.{_OLDEST_MINOR}"
_API_VERSION = regex(r"1\.(?P<minor>[0-9]{1,3})")
_FIRST_ANSWER_S = 10.0
_TO_REMOVE_S, _ABOUT_TO_BE_MADE_S = 10.0, 2.0
_MANY = 1000


class Engine:
    """Asks the engine that `docker` would ask. Safe to share between threads; each answer is asked for once.

    Args:
        environ: The environment; DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH and
            HOME count.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = dict(environ)
        self._versions: Once[tuple[Endpoint, str]] = Once()
        self._lists: Once[tuple[Container, ...]] = Once()
        self._sights: Once[Sight] = Once()
        self._images: Once[tuple[LocalImage, ...]] = Once()
        self._found: Once[LocalImage | None] = Once()
        self._defaults: Once[Mapping[str, str]] = Once()
        self._platforms: Once[Platform] = Once()
        self._stores: Once[StoreKind] = Once()
        self._runs: Once[Ended] = Once()

    def warm(self) -> None:
        """Start to import the SDK in a thread of its own, where every question needs it.

        An engine with a socket here is mostly only read; where it is not, the late import costs less than one too many:
        13 ms of a run at stage after, against 37 ms of each at stage before.
        """
        threading.Thread(target=self._import_sdk, daemon=True).start()

    def _import_sdk(self) -> None:
        try:
            endpoint = find_endpoint(self._environ)
        except CouldNotLook:  # whoever asks is told
            return
        if endpoint.socket is None:
            import_docker()

    def containers(self, labels: Mapping[str, str], deadline: Deadline) -> tuple[Container, ...]:
        """Return the containers that carry all these labels, in every state, sorted by name.

        Raises:
            CouldNotLook: The engine cannot be asked.
        """
        key = tuple(sorted(labels.items()))
        return self._lists.get(key, lambda: self._read(deadline, partial(_list, labels=labels)), deadline, WHAT)

    def image(self, digest: str, deadline: Deadline) -> StoredImage | None:
        """Return how the image with that digest (`sha256:…`, of its manifest or index) is named here, None if absent.

        Raises:
            CouldNotLook: The engine cannot be asked.
        """
        return stored_image(self.images(deadline), digest)

    def images(self, deadline: Deadline) -> tuple[LocalImage, ...]:
        """Return all images that the engine has.

        Raises:
            CouldNotLook: The engine cannot be asked.
        """
        return self._images.get("all", lambda: self._read(deadline, _list_images), deadline, WHAT)

    def find_image(self, reference: str, deadline: Deadline) -> LocalImage | None:
        """Return the image that the engine would run when asked for this reference, None if it would have to pull.

        Raises:
            CouldNotLook: The engine cannot be asked.
        """
        ask = partial(_find_image, reference=reference)
        return self._found.get(reference, lambda: self._read(deadline, ask), deadline, WHAT)

    def image_environment(self, image_id: str, deadline: Deadline) -> Mapping[str, str]:
        """Return what an image that the engine has sets by itself (`ENV`), by its id. Never to be shown.

        Raises:
            CouldNotLook: The engine cannot be asked, or has no such image.
        """
        ask = partial(_image_environment, image_id=image_id)
        return self._defaults.get(image_id, lambda: self._read(deadline, ask), deadline, WHAT)

    def store(self, deadline: Deadline) -> StoreKind:
        """Return how the engine keeps its images.

        Raises:
            CouldNotLook: The engine cannot be asked.
        """
        return self._stores.get("store", lambda: self._read(deadline, store_kind), deadline, WHAT)

    def run_throwaway(self, image: str, argv: tuple[str, ...], deadline: Deadline) -> Ended:
        """Run a program of an image that is here, in a container of its own that is gone afterwards.

        The container has no network, no mount, no capability and a read-only root; nothing is pulled.

        Args:
            image: The id of the image.
            argv: Found by the image's own `sh`, which must be there, with `timeout`.
            deadline: When it must have ended; it is killed two seconds before.

        Raises:
            CouldNotLook: The engine refuses, the image is gone, or the program prints without end.
            DeadlineExceeded: The program does not end in time.
        """
        from preflight.engine.throwaway_container import run_throwaway

        ask = partial(run_throwaway, image=image, argv=argv)
        return self._runs.get((image, argv), lambda: self._within(deadline, ask), deadline, WHAT)

    def smoke(self, test: "SmokeTest", deadline: Deadline) -> "SmokeResult":
        """Pull an image, and run a command of it in a container of its own that is gone afterwards.

        Its own entrypoint runs, with what the image sets; without network, with a read-only root and a little room in
        `/tmp`, within limits of memory, processes and time.

        Args:
            test: What to run.
            deadline: When the image must have been pulled; the command has its own limit.

        Raises:
            TookTooLong: The command does not end in time.
            CouldNotLook: The engine refuses, or cannot pull the image.
        """
        from preflight.engine.smoke_container import pull, run_smoke
        from preflight.lib.process import guarded_by

        self._within(deadline, partial(pull, reference=test.reference))
        guard = (sys.executable, "-P", "-m", "preflight.engine.guard", test.name)
        # This very preflight, also where no Python but this process finds it: the file of `make zipapp` unpacks itself.
        with guarded_by(guard, {**self._environ, "PYTHONPATH": str(Path(__file__).parents[2])}):
            try:
                return self._within(Deadline.after(test.seconds + _TO_REMOVE_S), partial(run_smoke, test=test))
            except BaseException:  # raised again, when the container is gone
                self.remove_created(test.name, Deadline.after(_TO_REMOVE_S), _ABOUT_TO_BE_MADE_S)
                raise

    def created_environment(self, order: "ContainerSpec", deadline: Deadline) -> Mapping[str, str]:
        """Make a container that is never started, return what it would run with, and remove it. Never to be shown.

        Raises:
            CouldNotLook: The engine refuses, or the image is gone.
        """
        from preflight.engine.created_container import NotMade, environment_of, make

        patience_s: float | None = _ABOUT_TO_BE_MADE_S
        try:
            self._within(deadline, partial(make, order=order))
            patience_s = 0.0
            return self._within(deadline, partial(environment_of, name=order.name))
        except NotMade:
            patience_s = None
            raise
        finally:
            if patience_s is not None:
                self.remove_created(order.name, Deadline.after(_TO_REMOVE_S), patience_s)

    def remove_created(self, name: str, deadline: Deadline, patience_s: float = 0.0) -> None:
        """Remove a container that we made, by its name or id; none there is as good.

        Raises:
            CouldNotLook: It is still there.
        """
        from preflight.engine.created_container import remove

        try:
            self._within(deadline, partial(remove, name=name, patience_s=patience_s))
        except CouldNotLook as error:
            raise CouldNotLook(
                f"container {name[:40]}, which was made for a look only, could not be removed: {error.message}",
                f"Remove it by hand: docker rm -f -v {name[:40]}",
            ) from error

    def leftover_containers(self, deadline: Deadline) -> Sequence[tuple[str, str]]:
        """Return id and owner of each container that somebody's ``created_environment`` made and has not removed yet.

        Raises:
            CouldNotLook: The engine cannot be asked.
        """
        from preflight.engine.created_container import left_behind

        return self._within(deadline, partial(left_behind, most=_MANY))

    def platform(self, deadline: Deadline) -> Platform:
        """Return what the engine pulls images for.

        Raises:
            CouldNotLook: The engine cannot be asked.
        """
        return self._platforms.get("platform", lambda: self._read(deadline, engine_platform), deadline, WHAT)

    def inspect(self, container: Container, deadline: Deadline) -> Details:
        """Return its state, its exact age and what it was configured with. Never to be shown.

        Raises:
            CouldNotLook: The engine cannot be asked, or the container is gone.
        """
        return self._read(deadline, partial(_inspect, container=container))

    def environment(self, container: Container, deadline: Deadline) -> Mapping[str, str]:
        """Return what the container was configured with. Never to be shown.

        Raises:
            CouldNotLook: The engine cannot be asked, or the container is gone.
        """
        return self.inspect(container, deadline).environment

    def look(self, container: Container, deadline: Deadline) -> Sight:
        """Inspect a container and, if it runs, run `env` in it and read the environment of its main process.

        Where `env` does not exist or prints nothing that can be read, that of the main process stands in, and where
        the image has no `cat` either, the configured environment; ``source`` says so. Where exec is refused,
        ``refused`` says so.

        Raises:
            CouldNotLook: The engine refuses to inspect it, an exec broke, or the container stopped meanwhile.
        """
        return self._sights.get(container.id, lambda: self._look(container, deadline), deadline, WHAT)

    def look_at_all(self, containers: Sequence[Container], deadline: Deadline) -> tuple[Sight | CouldNotLook, ...]:
        """Look at several containers side by side; see ``look``. What could not be seen is an error in its place."""
        return together([partial(self.look, each, deadline) for each in containers], deadline, WHAT)

    def _look(self, container: Container, deadline: Deadline) -> Sight:
        details = self._read(deadline, partial(_inspect, container=container))
        if details.state != RUNNING:
            return Sight(details)

        def run(argv: tuple[str, ...], user: str = "") -> Ended:
            return self._within(deadline, partial(run_inside, container=container, argv=argv, user=user))

        seen = self._seen(Look(container, details, run, deadline))
        if isinstance(seen, ExecResult) and seen.inside:
            return Sight(details, seen)
        if isinstance(seen, ExecRefused):
            return Sight(details, refused=seen)
        details = self._read(deadline, partial(_inspect, container=container))
        if details.state != RUNNING:
            raise CouldNotLook(
                f"container {container.name} stopped while it was asked (now {details.state})",
                f"See `docker logs {container.name}`, then run preflight again.",
            )
        if isinstance(seen, CouldNotLook):
            raise seen
        return Sight(details, seen)

    @staticmethod
    def _seen(look: Look) -> ExecResult | CouldNotLook:
        try:
            return look()
        except DeadlineExceeded:
            raise
        except CouldNotLook as error:
            return error

    def _within(self, deadline: Deadline, question: "Callable[[APIClient, Deadline], T]") -> T:
        """Ask one question with a client of its own, and abandon it when time is up."""
        endpoint, version = self._reached(deadline)
        return one(lambda: ask(endpoint, version, deadline, question), deadline, WHAT)

    def _read(self, deadline: Deadline, question: Callable[[Reader], T]) -> T:
        """Ask one question that only reads, and abandon it when time is up."""
        endpoint, version = self._reached(deadline)
        return one(lambda: read(endpoint, version, deadline, question), deadline, WHAT)

    def _reached(self, deadline: Deadline) -> tuple[Endpoint, str]:
        """Return the engine and the version of its API."""
        return self._versions.get("version", lambda: self._connect(deadline.sooner(_FIRST_ANSWER_S)), deadline, WHAT)

    def _connect(self, deadline: Deadline) -> tuple[Endpoint, str]:
        endpoint = find_endpoint(self._environ)
        if endpoint.socket is not None:
            knock(endpoint, deadline)
        version = one(
            lambda: read(endpoint, _OLDEST_API, deadline, lambda reader: reader.api_version()), deadline, WHAT
        )
        match = _API_VERSION.fullmatch(version)
        if match is None:
            raise no_engine(endpoint)
        if int(match["minor"]) < _OLDEST_MINOR:
            raise no_engine(endpoint, f": its API has version {version}, which is older than {_OLDEST_API}")
        return endpoint, version


def _list(reader: Reader, labels: Mapping[str, str]) -> tuple[Container, ...]:
    wanted = [f"{name}={value}" for name, value in labels.items()]
    listed = reader.get("containers/json", all="1", filters=json.dumps({"label": wanted}))
    return tuple(
        sorted(
            (Container.from_listing(each) for each in sequence(listed, "a list of containers")),
            key=lambda container: container.name,
        )
    )


def _list_images(reader: Reader) -> tuple[LocalImage, ...]:
    return tuple(local_image(each) for each in sequence(reader.get("images/json"), "a list of images"))


def _find_image(reader: Reader, reference: str) -> LocalImage | None:
    try:
        return local_image(reader.get(f"images/{quote(reference, safe='/:@')}/json"))
    except Refusal as error:
        if error.status != NOT_FOUND:
            raise
        return None


def _image_environment(reader: Reader, image_id: str) -> Mapping[str, str]:
    try:
        said = reader.get(f"images/{quote(image_id, safe=':')}/json")
    except Refusal as error:
        if error.status != NOT_FOUND:
            raise
        raise CouldNotLook("the image of a container is gone", "Run preflight again.") from error
    configured = mapping(mapping(said, "an image").get("Config"), "Config")
    return from_entries(texts(configured.get("Env"), "Config.Env"))


def _inspect(reader: Reader, container: Container) -> Details:
    return Details.from_inspection(reader.get(f"containers/{container.id}/json"))
