"""What Coolify's API tells of whose an application is: the git repository it is deployed from."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from preflight.coolify.resource import Kind
from preflight.git.address import repository, same_repository
from preflight.lib.text import printable

if TYPE_CHECKING:
    from preflight.coolify.api.client import Application

_BUILD_PACKS = frozenset({None, "", "dockercompose"})


class Told:
    """Asks the API, where it may be asked at all.

    Args:
        applications: Returns all of the token's team, None where the API is not asked.
        application: Returns one by its UUID, None where the API is not asked or does not know it.
        kind: Returns what a UUID names, None as above.
        remote: Returns the address of the checkout's remote, None where there is none.

    The first three raise ``CouldNotLook`` when the API refuses.
    """

    def __init__(
        self,
        applications: "Callable[[], tuple[Application, ...] | None]" = lambda: None,
        application: "Callable[[str], Application | None]" = lambda _: None,
        kind: Callable[[str], Kind | None] = lambda _: None,
        remote: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._applications, self.application, self.kind, self._remote = applications, application, kind, remote

    @property
    def remote(self) -> str:
        """The checkout's remote, fit to show; "" where there is none."""
        return repository(self._remote() or "").shown

    def all(self) -> "dict[str, Application]":
        """Return every application by UUID; empty where the API is not asked."""
        return {each.uuid: each for each in self._applications() or ()}

    def is_ours(self, application: "Application | None") -> bool | None:
        """Whether an application is deployed from the checkout's repository; None where nothing tells."""
        if application is None or not application.git_repository:
            return None
        return same_repository(application.git_repository, self._remote() or "")

    def deployed_from_here(self, service: str) -> "tuple[Application, ...]":
        """Return the Docker Compose applications of this repository, without those that surely lack the service."""
        if not self._remote():
            return ()
        return tuple(
            each
            for each in self.all().values()
            if self.is_ours(each)
            and each.build_pack in _BUILD_PACKS
            and (not each.compose_raw or service in each.compose_raw)
        )


def named(application: "Application") -> str:
    """Return what tells an application from others of the same repository, fit to show."""
    branch = f", branch {printable(application.git_branch, 60)}" if application.git_branch else ""
    return f"{printable(application.name, 60) or 'no name'}{branch}"
