"""preflight/registry/pages.py"""

import pytest

from preflight.http.errors import BadAnswer, Oversized, Redirected
from preflight.registry import pages as module
from preflight.registry.pages import Pages, next_page

BASE = "https://registry.example"
HERE = f"{BASE}/v2/a/tags/list?n=100"


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("", None),
        ('</v2/a/tags/list?last=x>; rel="next"', f"{BASE}/v2/a/tags/list?last=x"),
        ('<list?last=x>; rel="next"', f"{BASE}/v2/a/tags/list?last=x"),
        (f'<{BASE}:443/v2/b?x=1>; rel="next"', f"{BASE}/v2/b?x=1"),
        ('<http://registry.example/v2/b?x=1>; rel="next"', f"{BASE}/v2/b?x=1"),
        ('</v2/a?x=1>; rel="prev"', None),
    ],
)
def test_the_next_page_stays_on_the_registry(link: str, address: str | None) -> None:
    """Relative or absolute, and always by the scheme that is asked."""
    assert next_page(link, HERE, BASE, "registry.example") == address


@pytest.mark.parametrize(
    ("link", "kind"),
    [
        ('<https://evil.example/v2/a>; rel="next"', Redirected),
        ('<https://registry.example:8443/v2/a>; rel="next"', Redirected),
        ('<https://me@registry.example/v2/a>; rel="next"', Redirected),
        ('<ftp://registry.example/v2/a>; rel="next"', BadAnswer),
        ('<https://[x>; rel="next"', BadAnswer),
        ('<>; rel="next"', BadAnswer),
        ('; rel="next"', BadAnswer),
    ],
)
def test_a_link_that_leads_away_is_refused(link: str, kind: type[Exception]) -> None:
    """Half a list does not pass for a whole one."""
    with pytest.raises(kind):
        next_page(link, HERE, BASE, "registry.example")


def test_tags_come_once_and_in_order() -> None:
    """What can be no tag is left out; `null` is an empty page."""
    pages = Pages("registry.example")
    for tags in (["b", "a"], None, ["a", "c", "bad tag", "x/y", "\x1b"]):
        pages.add(tags)

    assert pages.tags == ("b", "a", "c")


@pytest.mark.parametrize("tags", ["a", {"a": 1}, [1], 3])
def test_what_is_no_list_of_names_is_an_error(tags: object) -> None:
    """The registry answers with something else."""
    with pytest.raises(BadAnswer, match="is no list of names"):
        Pages("registry.example").add(tags)


def test_pages_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """No circle, no page after page without a new tag, no list that fills memory."""
    pages = Pages("registry.example")
    pages.turn_to(HERE)
    with pytest.raises(BadAnswer, match="they lead in a circle"):
        pages.turn_to(HERE)
    pages.add(["a"])
    pages.add(["a"])
    pages.add([])
    with pytest.raises(BadAnswer, match="they bring nothing new"):
        pages.add(["a"])
    monkeypatch.setattr(module, "MAX_TAGS", 3)
    with pytest.raises(Oversized, match="more than 3 tags"):
        Pages("registry.example").add(["a", "b", "c", "d"])
    monkeypatch.setattr(module, "MAX_PAGES", 1)
    with pytest.raises(BadAnswer, match="more than 1"):
        pages.turn_to(f"{HERE}&last=x")
