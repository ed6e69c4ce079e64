"""preflight/coolify/judge/watch_paths.py"""

import pytest

from preflight.coolify.judge.watch_paths import watched
from preflight.errors import CouldNotLook

FILES = ("README.md", "docker/pin.env", "docker/app/Dockerfile", "src/a/b/main.py", "src/main.py")


@pytest.mark.parametrize(
    ("paths", "named"),
    [
        ("docker/pin.env", ("docker/pin.env",)),
        ("/docker/pin.env", ("docker/pin.env",)),
        ("  docker/pin.env  \n\n", ("docker/pin.env",)),
        ("docker/*", ("docker/pin.env",)),
        ("docker/**", ("docker/pin.env", "docker/app/Dockerfile")),
        ("src/**/main.py", ("src/a/b/main.py", "src/main.py")),
        ("**/*.py", ("src/a/b/main.py", "src/main.py")),
        ("**", FILES),
        ("*", ("README.md",)),
        ("docker/???.env", ("docker/pin.env",)),
        ("docker/[a-p]in.env", ("docker/pin.env",)),
        ("docker/[!p]in.env", ()),
        ("docker/[^a-c]in.env", ("docker/pin.env",)),
        ("docker/pin.en[]", ()),
        ("docker/[pin.env", ()),
        ("docker/pin]env", ()),
        ("docker/pin?env", ("docker/pin.env",)),
        ("docker/pin.env.bak", ()),
        ("DOCKER/pin.env", ()),
        ("docker", ()),
        ("docker/**\n!docker/app/**", ("docker/pin.env",)),
        ("!docker/app/**\ndocker/**", ("docker/pin.env", "docker/app/Dockerfile")),
        ("!docker/**", ("README.md", "src/a/b/main.py", "src/main.py")),
        ("! /docker/pin.env\n!src/**", ("README.md", "docker/app/Dockerfile")),
        ("!**", ()),
    ],
)
def test_which_files_are_named(paths: str, named: tuple[str, ...]) -> None:
    """As Coolify's own matcher names them: the last pattern that fits decides."""
    assert watched(paths, FILES) == named


def test_special_characters_mean_themselves() -> None:
    """Those of regular expressions, in a pattern as in a path."""
    files = ("a+b(c)$.{1}|^\\d",)

    assert watched(files[0], files) == files
    assert watched("a+b*", files) == files
    assert watched("aab(c)$.{1}|^\\d", files) == ()


def test_hostile_patterns_end_soon() -> None:
    """Whoever may write the field cannot stop the run; what is too long to be tried is no answer."""
    assert watched("*a" * 49 + "b", ("a" * 50_000,)) == ()
    with pytest.raises(CouldNotLook, match="too long"):
        watched("**/" * 2000, ("a",))
