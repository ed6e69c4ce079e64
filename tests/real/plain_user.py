"""Being a user who is not allowed everything, in tests that run as root."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

_NOBODY = 65534


@contextmanager
def as_plain_user() -> Iterator[None]:
    """Give up root's rights for the length of a block."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)
