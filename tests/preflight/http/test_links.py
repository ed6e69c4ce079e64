"""preflight/http/links.py"""

import pytest

from preflight.http.links import next_link


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ("", None),
        ('</a?page=2>; rel="next"', "/a?page=2"),
        ("</a>; rel=next", "/a"),
        ('</a>; rel="prev", <https://h/b>; REL="last next"', "https://h/b"),
        ('</a>; rel="prev"', None),
        ('</a>; rel="nextish"', None),
        ('; rel="next"', ""),
        ('<>; rel="next"', ""),
    ],
)
def test_the_next_page(header: str, target: str | None) -> None:
    """None is the end of the list; the empty string is a next page that nobody can ask for."""
    assert next_link(header) == target
