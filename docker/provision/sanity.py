"""What ``ansible-test sanity`` needs beside ansible-core: an environment of Python packages for each of its tests."""

import re
import shutil
import sys
import tempfile
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from provision.cache import CACHE, ROOT, filling
from provision.command import run
from provision.errors import ProvisionError

LEFT_OUT = {
    "changelog": "reads the fragments of antsibull-changelog; the collection has the changelog of the tool",
    "pslint": "reads PowerShell; the collection has none",
    "shellcheck": "reads shell scripts; the collection has none",
}
"""Each sanity test that is not run, and why."""

LOCK = ROOT / "requirements" / "sanity.txt"
_SECONDS = 600

# ansible-test puts pip into its environments with a script that it fetches from its makers, or finds in its cache.
_BOOTSTRAP = "import ensurepip\n\nensurepip.bootstrap()\n"


def words() -> list[str]:
    """Return how ``ansible-test sanity`` is called, all but the tests that are left out."""
    program = Path(sys.executable).with_name("ansible-test")
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    skipped = [word for name in LEFT_OUT for word in ("--skip-test", name)]
    return [str(program), "sanity", "--local", "--python", python, "--color", "no", *skipped]


def sanity_home() -> Path:
    """Return a home folder in which ansible-test finds its environments, made once and then kept.

    Their packages have the versions and hashes of ``requirements/sanity.txt``.

    Raises:
        ProvisionError: They cannot be fetched, or ansible-test wants other versions.
    """
    said = run([words()[0], "--version"])
    key = sha256(LOCK.read_bytes() + said.encode() + sys.version.encode()).hexdigest()[:12]
    folder = CACHE / "ansible-test" / key
    with filling(folder) as draft:
        if draft is not None:
            _fill(draft)
    return folder


def _fill(draft: Path) -> None:
    wheels = draft / "wheels"
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--dest", str(wheels)]
    run([*pip, "--require-hashes", "--only-binary", ":all:", "--requirement", str(LOCK)], seconds=_SECONDS)
    settings = draft / ".config" / "pip" / "pip.conf"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"[global]\nno-index = true\nfind-links = {wheels}\n")
    cache = draft / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True)
    for script in _bootstrap_names():
        (cache / script).write_text(_BOOTSTRAP)
    # Not below the checkout: in a git repository ansible-test looks only at files that git knows, and then at none.
    with tempfile.TemporaryDirectory() as place:
        collection = Path(place, "ansible_collections", "any", "any")
        collection.mkdir(parents=True)
        (collection / "galaxy.yml").write_text("namespace: any\nname: any\nversion: 0.0.0\n")
        run([*words(), "--prime-venvs"], seconds=_SECONDS, env={"HOME": str(draft)}, cwd=collection)
    if not (draft / ".ansible" / "test" / "venv").is_dir():
        raise ProvisionError("ansible-test made no environments", "run `ansible-test sanity --prime-venvs` by hand")
    shutil.rmtree(wheels)


def _bootstrap_names() -> set[str]:
    """Return the names under which ansible-test looks for its script: one for each version of pip that it knows."""
    spec = find_spec("ansible_test")
    folders = spec.submodule_search_locations if spec else None
    if not folders:
        raise ProvisionError("ansible-test is not installed", "run `make setup`")
    text = Path(folders[0], "_internal", "python_requirements.py").read_text(encoding="utf-8")
    return {f"get_pip_{version.replace('.', '_')}.py" for version in re.findall(r"\bpip='([\d.]+)'", text)}
