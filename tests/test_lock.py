"""requirements/*.txt: they agree with pyproject.toml and with each other; ``make lock`` writes them."""

import re
import sys
import tomllib
from itertools import product
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "requirements"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
NEEDS = {
    "build": PROJECT["build-system"]["requires"],
    "run": PROJECT["project"]["dependencies"],
    "verify": PROJECT["project"]["dependencies"] + EXTRAS["verify"],
    "fleet": PROJECT["project"]["dependencies"] + EXTRAS["fleet"],
    "notify": PROJECT["project"]["dependencies"] + EXTRAS["notify"],
    "zipapp": PROJECT["project"]["dependencies"] + EXTRAS["zipapp"],
    "dev": [requirement for extra in EXTRAS.values() for requirement in extra]
    + PROJECT["project"]["dependencies"]
    + PROJECT["build-system"]["requires"],
}
LOCKS = [*NEEDS, "sanity"]
PLACES = [
    {
        "python_version": version,
        "python_full_version": f"{version}.0",
        "platform_machine": machine,
        "sys_platform": "linux",
        "platform_system": "Linux",
        "os_name": "posix",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    for version, machine in product(("3.11", "3.12", "3.13"), ("x86_64", "aarch64"))
]


def text(name: str) -> str:
    """Return a lock without its comments."""
    return re.sub(r"^\s*#.*\n", "", (FOLDER / f"{name}.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)


def locked(name: str) -> list[tuple[Requirement, frozenset[str]]]:
    """Return what a lock holds: each requirement, with its hashes."""
    entries = [re.split(r"\s+--hash=", line) for line in text(name).replace("\\\n", " ").splitlines()]
    return [(Requirement(words[0]), frozenset(word.strip() for word in words[1:])) for words in entries]


def holding(name: str, place: dict[str, str]) -> dict[str, Requirement]:
    """Return what a lock has for one Python on one machine, by name; no name twice."""
    found: dict[str, Requirement] = {}
    for requirement, _ in locked(name):
        if requirement.marker is None or requirement.marker.evaluate(place):
            assert requirement.name not in found
            found[requirement.name] = requirement
    return found


def version(requirement: Requirement) -> str:
    """Return the one version that a locked requirement allows."""
    [specifier] = requirement.specifier
    assert specifier.operator == "=="
    assert "*" not in specifier.version
    return specifier.version


def test_there_is_a_lock_for_each_use() -> None:
    """The files are those that this test knows, so that none of them goes unread."""
    assert {path.stem for path in FOLDER.iterdir()} == set(LOCKS)
    assert set(EXTRAS) == {"dev", "docs", "fleet", "notify", "verify", "zipapp"}


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place['python_version']}-{place['platform_machine']}")
@pytest.mark.parametrize("name", NEEDS)
def test_what_pyproject_asks_for_is_locked_within_its_range(name: str, place: dict[str, str]) -> None:
    """For each Python and machine that is named in CONTRIBUTING.md, every requirement has one version that fits."""
    found = holding(name, place)
    wanted = [Requirement(line) for line in NEEDS[name]]
    applying = [each for each in wanted if each.marker is None or each.marker.evaluate(place)]
    assert applying
    for each in applying:
        assert each.specifier.contains(version(found[canonicalize_name(each.name)]), prereleases=True), each


@pytest.mark.parametrize("name", LOCKS)
def test_everything_locked_has_a_version_and_hashes(name: str) -> None:
    """Pip refuses to install from the lock what lacks either."""
    assert locked(name)
    for requirement, hashes in locked(name):
        assert version(requirement)
        assert requirement.name == canonicalize_name(requirement.name)
        assert hashes
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in hashes), requirement


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_index_and_no_place(name: str) -> None:
    """Where packages come from is for the machine to say; no option but hashes, no address, no path."""
    assert set(re.findall(r"(?<!\S)-[^\s=]*", text(name))) == {"--hash"}
    whole = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    assert "://" not in whole
    assert not re.search(r"(?<![\w.])/\w", whole)


@pytest.mark.parametrize("name", ["build", "run", "verify", "fleet", "notify"])
def test_the_smaller_locks_are_parts_of_the_one_of_the_tests(name: str) -> None:
    """What is tested is what the image and the demo have: the same versions, in each place, and hashes."""
    for place in PLACES:
        part = {each: version(requirement) for each, requirement in holding(name, place).items()}
        everything = {each: version(requirement) for each, requirement in holding("dev", place).items()}
        assert part.items() < everything.items()
    whole = {(requirement.name, version(requirement)): hashes for requirement, hashes in locked("dev")}
    assert all(whole[requirement.name, version(requirement)] == hashes for requirement, hashes in locked(name))


def test_what_ansible_test_installs_is_locked_in_the_versions_that_it_takes() -> None:
    """Those of the ansible-core that runs here; `make lock` writes them after ansible-core changed."""
    import ansible_test

    folder = Path(ansible_test.__path__[0], "_data", "requirements")
    tests = {
        "ansible-doc",
        "import",
        "import.plugin",
        "pep8",
        "pylint",
        "runtime-metadata",
        "validate-modules",
        "yamllint",
    }
    lines = [line for test in sorted(tests) for line in (folder / f"sanity.{test}.txt").read_text().splitlines()]
    wanted = [Requirement(line) for line in lines if line and not line.startswith("#")]
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    found = holding("sanity", next(place for place in PLACES if place["python_version"] == here))
    assert wanted
    assert [each for each in wanted if str(each.specifier) != str(found[canonicalize_name(each.name)].specifier)] == []


def test_verify_has_all_that_run_has() -> None:
    """The extra adds to the tool and takes nothing away."""
    assert set(holding("run", PLACES[0])) < set(holding("verify", PLACES[0]))
