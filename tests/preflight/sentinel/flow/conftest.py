"""An application that is deployed, and its API."""

from collections.abc import Iterator

import pytest

from tests.fakes.coolify_api import TOKEN, FakeCoolify, Token
from tests.preflight.sentinel.site import Site
from tests.real.coolify import Application


@pytest.fixture
def api() -> Iterator[FakeCoolify]:
    """Coolify's API, with a token that may deploy."""
    with FakeCoolify() as fake:
        fake.tokens = {TOKEN: Token(frozenset({"read", "deploy"}))}
        yield fake


@pytest.fixture
def application(site: Site) -> Application:
    """Deployed once, in the mode in which the file arrives."""
    application = site.application(raw=True, preserve=True)
    site.coolify.deploy(application)
    return application
