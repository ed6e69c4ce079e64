"""preflight/lib/platforms.py"""

import pytest

from preflight.lib.platforms import Platform, normal_platform, substitutes, this_machine


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        (("linux", "x86_64"), "linux/amd64"),
        (("Linux", "AMD64", "v1"), "linux/amd64"),
        (("linux", "amd64", "v3"), "linux/amd64/v3"),
        (("linux", "aarch64"), "linux/arm64"),
        (("linux", "arm64", "v8"), "linux/arm64"),
        (("linux", "arm64", "8"), "linux/arm64"),
        (("linux", "armv7l"), "linux/arm/v7"),
        (("linux", "arm", "7"), "linux/arm/v7"),
        (("linux", "armhf"), "linux/arm/v7"),
        (("linux", "i686"), "linux/386"),
        (("linux", "riscv64"), "linux/riscv64"),
    ],
)
def test_one_name_for_each(given: tuple[str, ...], normal: str) -> None:
    """As images are named, whichever way it was written."""
    assert str(normal_platform(*given)) == normal


@pytest.mark.parametrize(
    ("host", "taken"),
    [
        ("linux/amd64", ["linux/386"]),
        ("linux/amd64/v3", ["linux/amd64/v2", "linux/amd64", "linux/386"]),
        ("linux/arm64", ["linux/arm/v8", "linux/arm/v7", "linux/arm/v6", "linux/arm/v5"]),
        ("linux/arm/v7", ["linux/arm/v6", "linux/arm/v5"]),
        ("linux/arm/v5", []),
        ("linux/s390x", []),
    ],
)
def test_what_an_engine_takes_in_its_place(host: str, taken: list[str]) -> None:
    """Older variants first, then the 32-bit sister; never a newer one."""
    assert [str(each) for each in substitutes(Platform(*host.split("/")))] == taken


def test_what_does_not_run() -> None:
    """BuildKit's attestations."""
    assert Platform("unknown", "unknown").is_unknown
    assert not this_machine().is_unknown
    assert this_machine().os == "linux"
