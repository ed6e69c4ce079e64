"""Looks for the application of a checkout."""

import pytest

from preflight.coolify.resource import Resource
from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from tests.fakes.coolify_host import SERVICE, Host


def find(host: Host, seconds: float = 10) -> Resource:
    """Look with a new door."""
    return host.door().resource(SERVICE, Deadline.after(seconds))


def refused(host: Host) -> CouldNotLook:
    """Look, in vain."""
    with pytest.raises(CouldNotLook) as caught:
        find(host)
    return caught.value
