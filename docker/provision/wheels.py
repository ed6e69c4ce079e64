"""The Python packages that the tool needs, as files: what installs it needs no network then."""

import sys
from hashlib import sha256
from pathlib import Path

from provision.cache import CACHE, ROOT, filling
from provision.command import run

_LOCK = ROOT / "requirements" / "run.txt"
_SECONDS = 300


def runtime_wheels() -> Path:
    """Return a folder with the wheels of ``requirements/run.txt`` for this Python, fetched once and then kept.

    Raises:
        ProvisionError: They cannot be fetched, or one has another hash.
    """
    folder = CACHE / "wheels" / sha256(_LOCK.read_bytes() + sys.version.encode()).hexdigest()[:12]
    with filling(folder) as draft:
        if draft is not None:
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
            locked = ["--require-hashes", "--only-binary", ":all:", "--requirement", str(_LOCK)]
            run([*pip, *locked, "--dest", str(draft)], seconds=_SECONDS)
    return folder
