"""A real, private registry."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from provision.errors import ProvisionError
from provision.keeper import kept
from provision.registry import RegistryClient

from tests.real.missing import missing


class RealRegistry(RegistryClient):
    """A running registry (Debian's ``docker-registry``, plain HTTP) that only the tests of this process use.

    ``host`` is ``127.0.0.1:PORT``; ``push_image``, ``push_index``, ``tag`` and ``delete`` fill it. Tests share it: take
    a repository name of your own, e.g. with the test's name in it.
    """


@contextmanager
def real_registry() -> Iterator[RealRegistry]:
    """Have a private registry for the length of a block; what was pushed goes at the end."""
    with ExitStack() as stack:
        try:
            host = stack.enter_context(kept("registry"))
        except ProvisionError as error:
            missing("no registry", error)
        yield RealRegistry(host)
