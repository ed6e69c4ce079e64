"""preflight/pin/line.py."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.pin.line import difference, edited, replace_value, value_of
from preflight.pin.refusal import Refused
from tests.limits import cpu_at_most

OLD = "ghcr.io/example/agent@sha256:" + "1" * 64
NEW = "ghcr.io/example/agent@sha256:" + "2" * 64

SHAPES = {
    "plain": f"AGENT={OLD}\n",
    "no final line end": f"# top\nAGENT={OLD}",
    "windows": f"# top\r\nAGENT={OLD}\r\nOTHER=1\r\n",
    "windows without end": f"AGENT={OLD}\r",
    "double quotes": f'AGENT="{OLD}"\n',
    "single quotes": f"AGENT='{OLD}' # why\n",
    "comment": f"AGENT={OLD}   # the agent, see AGENT={OLD}\n",
    "export": f"export AGENT={OLD}\n",
    "colon": f"AGENT: {OLD}\n",
    "blanks": f"  AGENT = {OLD}  \n",
    "others": f"A=1\nAGENT_TOO={OLD}\n\nAGENT={OLD}\nB='x\ny'\n",
    "after a long value": f"B='x\nAGENT=no\n'\nAGENT={OLD}\n",
    "comment without a blank": f'AGENT="{OLD}"#c\n',
    "byte order mark": f"\ufeffAGENT={OLD}\n",
}


@pytest.mark.parametrize("name", SHAPES)
def test_only_the_value_changes(name: str) -> None:
    """There and back gives the same bytes; what is replaced is the one value that Compose reads."""
    data = SHAPES[name].encode()
    after = replace_value(data, "AGENT", NEW)
    assert value_of(data, "AGENT") == OLD
    assert value_of(after, "AGENT") == NEW
    assert len(after) == len(data)
    assert replace_value(after, "AGENT", OLD) == data


@pytest.mark.parametrize(("text", "after"), [("AGENT=\n", f"AGENT={NEW}\n"), ('AGENT=""\n', f'AGENT="{NEW}"\n')])
def test_an_empty_value_gets_one(text: str, after: str) -> None:
    """The line is there, so that is no addition."""
    assert replace_value(text.encode(), "AGENT", NEW) == after.encode()


REFUSALS = {
    "missing": ("OTHER=1\n", "does not set AGENT"),
    "only in a comment": (f"# AGENT={OLD}\n", "does not set AGENT"),
    "twice": (f"AGENT={OLD}\nA=1\nAGENT={OLD}\n", r"sets AGENT 2 times \(lines 1 and 3\)"),
    "from the shell": ("AGENT\n", "line 1 of the pin file takes AGENT from the shell"),
    "interpolation": ("TAG=1\nAGENT=ghcr.io/example/agent:$TAG\n", "AGENT in line 2 of the pin file depends on other"),
    "used elsewhere": (f"AGENT={OLD}\nCOPY=$AGENT\n", "cannot be replaced without changing something else"),
    "several lines": ('AGENT="a\nb"\n', "in a form that cannot be replaced"),
    "backslash": (f'AGENT="{OLD}\\n"\n', "in a form that cannot be replaced"),
    "no env file": ("AGENT='open\n", "line 1 of the pin file: a quote"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_cannot_be_replaced_is_refused_by_name(name: str) -> None:
    """With what to do."""
    text, words = REFUSALS[name]
    with pytest.raises(Refused, match=words) as caught:
        replace_value(text.encode(), "AGENT", NEW)
    assert caught.value.hint


@pytest.mark.parametrize("tail", [" " * 200_000 + "x", " #" * 100_000, "\t" * 200_000, "#" * 200_000])
def test_a_line_that_is_made_to_take_long(tail: str) -> None:
    """Anybody who may push may have written it; it costs what its length costs."""
    with cpu_at_most(5):
        for text in (f"AGENT={OLD}{tail}\n", f"AGENT='{OLD}'{tail}\n", f"A={tail}\nAGENT={OLD}\n"):
            with suppress(Refused):
                assert value_of(replace_value(text.encode(), "AGENT", NEW), "AGENT").startswith(NEW)


def test_what_is_no_text_is_refused() -> None:
    """By its line."""
    with pytest.raises(Refused, match="line 2 of the pin file is not UTF-8"):
        value_of(b"A=1\nAGENT=\xff\n", "AGENT")


@given(st.lists(st.sampled_from(["A=1", "# x", "", "B='q'", 'C="z" # y', "D", "export E=5"]), max_size=6))
def test_whatever_stands_around_it_stays(lines: list[str]) -> None:
    """Property: the other lines are the same bytes, wherever the line stands."""
    for place in range(len(lines) + 1):
        text = "\n".join((*lines[:place], f"AGENT={OLD}", *lines[place:]))
        assert replace_value(text.encode(), "AGENT", NEW) == text.replace(OLD, NEW).encode()


def test_several_variables_are_decided_one_by_one() -> None:
    """Each decision sees its own value; a value that stays leaves the bytes alone."""
    data = f"A={OLD}\nSECRET=hunter2\nB={OLD}\n".encode()
    seen: list[str] = []

    def change(value: str) -> str:
        seen.append(value)
        return NEW

    after = edited(data, {"A": change, "B": lambda value: value})
    assert seen == [OLD]
    assert after == f"A={NEW}\nSECRET=hunter2\nB={OLD}\n".encode()
    assert difference(data, after) == (
        f"- A=ghcr.io/example/agent@sha256:{'1' * 12}…",
        f"+ A=ghcr.io/example/agent@sha256:{'2' * 12}…",
    )
