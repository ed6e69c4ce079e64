"""preflight/compose/read/locate.py, held against what real Compose makes of the same files."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preflight.compose.read.locate import ComposeSource
from preflight.lib.yamlfile import ComposeFileProblem
from preflight.project import ComposeProject
from tests.preflight.compose import real
from tests.preflight.compose.read.locate.projects import load, put
from tests.real.compose import NEWEST_COMPOSE

_VARIABLES = ("A", "B")


def _ours(source: ComposeSource) -> dict[str, list[tuple[str, object]]]:
    return {
        name: [
            (str(entry.path), {"false": False, "true": True, None: True}.get(entry.required, entry.required))
            for entry in source.env_file_entries(name)
        ]
        for name in source.services()
    }


def _our_variables(source: ComposeSource) -> dict[str, dict[str, str | None]]:
    return {
        name: {
            variable: entries[-1].value
            for variable in _VARIABLES
            if (entries := source.environment_entries(name, variable))
        }
        for name in source.services()
    }


def _agree(folder: Path, *files: str, version: str = NEWEST_COMPOSE) -> ComposeSource:
    services = real.config(folder, *(word for file in files for word in ("-f", file)), version=version)
    assert services is not None, "Compose refuses the project of this test"
    source = ComposeSource.load(ComposeProject(folder, tuple(folder / file for file in files)), {"HOME": str(folder)})
    assert _ours(source) == real.env_files(services)
    assert _our_variables(source) == real.variables(services, _VARIABLES)
    for name, service in services.items():
        assert sorted(source.profiles(name)) == sorted(service.get("profiles", ()))
    return source


_HAND_MADE: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "forms": (
        ("compose.yaml",),
        {
            "compose": """
services:
  none: {image: b}
  string: {image: b, env_file: x.env}
  short: {image: b, env_file: [x.env, ./y.env, ../z.env, /abs.env]}
  long: {image: b, env_file: [{path: x.env}, {path: y.env, required: false}, {path: z.env, required: True}]}
  mixed: {image: b, env_file: [x.env, {path: y.env, required: false}]}
  twice: {image: b, env_file: [x.env, y.env, ./x.env, {path: x.env, required: false}]}
  empty: {image: b, env_file: []}
"""
        },
    ),
    "anchors": (
        ("compose.yaml",),
        {
            "compose": """
x-pin: &pin {path: x.env, required: false}
x-files: &files [*pin, y.env]
x-base: &base {image: b, env_file: *files, environment: {A: 1}}
x-other: &other {image: c, env_file: [o.env]}
services:
  alias: *base
  merge: {<<: *base}
  hidden: {<<: *base, env_file: [z.env], environment: [B=2]}
  first: {<<: [*base, *other]}
  other: {<<: [*other, *base]}
  item: {image: b, env_file: [z.env, *pin]}
  reset: {<<: *base, env_file: !reset []}
  gone: {<<: {image: b, env_file: !reset []}, env_file: !reset []}
  again: &pin {image: b, env_file: [&pin {path: q.env}, *pin]}
"""
        },
    ),
    "extends": (
        ("compose.yaml",),
        {
            "compose": """
services:
  base: {image: b, env_file: [b.env], environment: {A: 1, B: 2}, profiles: [p]}
  string: {extends: base, env_file: s.env}
  long: {extends: {service: base}, env_file: [b.env, {path: b.env, required: false}, c.env]}
  chain: {extends: long, env_file: [d.env]}
  reset: {extends: base, env_file: !reset []}
  override: {extends: base, env_file: !override [o.env]}
  variable: {extends: base, environment: {A: !reset null}}
  listed: {extends: base, environment: [A=3]}
  file: {extends: {file: sub/b.yaml, service: mid}, env_file: [o.env, sub/sb.env, sb.env]}
  deep: {extends: {file: ./sub/b.yaml, service: mid2}, env_file: [o.env, sub/sub2/deep.env]}
  taken: {extends: {file: sub/b.yaml, service: taken}, env_file: [o.env]}
  itself: {extends: {file: compose.yaml, service: base}, env_file: [./b.env]}
""",
            "sub/b": """
x-r: &r !reset []
services:
  base: {image: b, env_file: [sb.env, ../b.env, ./sb.env], environment: [A=1]}
  mid: {extends: base, env_file: [m.env], environment: {B: 3}}
  mid2: {extends: {service: base2, file: sub2/c.yaml}, env_file: [m.env, sub2/deep.env]}
  taken: {image: b, env_file: *r}
""",
            "sub/sub2/c": "services: {base2: {image: b, env_file: [deep.env, /abs.env]}}",
        },
    ),
    "two files": (
        ("compose.yaml", "two.yaml", "sub/three.yaml"),
        {
            "compose": """
services:
  a: {image: b, env_file: [x.env, y.env], environment: {A: 1, B: 2}, profiles: [p]}
  b: {image: b, env_file: x.env, environment: [A=1]}
  c: {image: b, env_file: [x.env], environment: {A: 1}}
  d: {image: b, env_file: [x.env]}
  e: {image: b, env_file: [x.env]}
  f: {image: b, env_file: [x.env], environment: {A: 1}, profiles: [r]}
""",
            "two": """
services:
  a: {env_file: [{path: x.env, required: false}, z.env], environment: {A: !reset null}, profiles: [q, p]}
  b: {env_file: !reset [], environment: {A: !reset null}}
  c: {env_file: !override [y.env], environment: !override [B=3]}
  d: !reset null
  e: !override {image: c}
  f: {env_file: y.env, environment: !reset {}, profiles: !override [s]}
""",
            "sub/three": """
services:
  a: {env_file: [t.env]}
  g: {image: b, env_file: [t.env]}
""",
        },
    ),
    "nothing laid over something": (
        ("compose.yaml", "empty.yaml", "two.yaml"),
        {
            "compose": """
services:
  a: &a {image: b, env_file: [x.env], environment: {A: 1}, profiles: [p]}
  b: *a
  c: {extends: a, env_file: , environment: , profiles: }
""",
            "empty": "# services:\n",
            "two": "services:\n  a:\n    env_file:\n    environment:\n    profiles:\n  b:\n",
        },
    ),
    "services reset": (
        ("compose.yaml", "two.yaml"),
        {
            "compose": "include: null\nservices: {a: {image: b, env_file: [x.env]}, b: {image: b}}",
            "two": "services: !override {a: {image: c}}",
        },
    ),
    "include": (
        ("compose.yaml", "two.yaml"),
        {
            "compose": """
include:
  - sub/inc.yaml
  - path: [sub/inc2.yaml, sub/inc3.yaml]
  - path: other/o.yaml
    project_directory: pd
  - path: nest/n.yaml
services:
  s: {image: b, env_file: [o.env]}
""",
            "sub/inc": "services: {i: {image: b, env_file: [i.env, ../j.env]}}",
            "sub/inc2": "services: {k: {image: b, env_file: [k.env]}}",
            "sub/inc3": "services: {k: {env_file: [./k.env, l.env]}}",
            "other/o": "services: {o: {image: b, env_file: [o.env], environment: [A=1]}}",
            "nest/n": "include: [deep/d.yaml]\nservices: {n: {extends: {file: deep/d.yaml, service: d}}}",
            "nest/deep/d": "services: {d: {image: b, env_file: [d.env, ../e.env, ../../f.env]}}",
            "pd/keep": "",
            "two": """
services:
  i: {env_file: [o.env, sub/i.env, {path: j.env, required: false}]}
  d: {env_file: [nest/deep/d.env, nest/e.env, f.env]}
  o: {environment: {A: !reset null}}
""",
        },
    ),
}


@pytest.mark.compose
@pytest.mark.parametrize("version", ["2.29.7", NEWEST_COMPOSE])
@pytest.mark.parametrize("name", _HAND_MADE)
def test_the_entries_are_those_of_compose_in_its_order(name: str, version: str, tmp_path: Path) -> None:
    """Forms, anchors, extends, files laid over each other and includes give what Compose gives."""
    files, texts = _HAND_MADE[name]
    for path, text in texts.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / f"{path}.yaml").write_text(text)
    _agree(tmp_path, *files, version=version)


_ITEMS = st.sampled_from(
    [
        *("x.env", "./x.env", "y.env", "sub/x.env", "../x.env", "/abs.env"),
        *("{path: x.env, required: false}", "{path: y.env}", "{path: ./y.env, required: TRUE}", "*pin", "*other"),
    ]
)


_ANCHORS = "x-pin: &pin {path: x.env, required: false}\nx-other: &other sub/x.env\nx-all: &all [*pin, *other, q.env]\n"


@dataclass(frozen=True)
class _Service:
    """One generated service: what it lists, extends and sets, with its tags."""

    entries: str | None
    extends: str | None
    variables: str | None

    def text(self, name: str, image: str = "b") -> str:
        parts = [f"image: {image}"]
        parts += [f"env_file: {self.entries}"] if self.entries is not None else []
        parts += [f"extends: {self.extends}"] if self.extends is not None else []
        parts += [f"environment: {self.variables}"] if self.variables is not None else []
        return f"  {name}: {{{', '.join(parts)}}}\n"


def _entries(*, tagged: bool) -> st.SearchStrategy[str | None]:
    lists = st.lists(_ITEMS, max_size=4).map(lambda items: f"[{', '.join(items)}]")
    forms = [st.none(), lists, lists, st.just("x.env"), st.just("*all")]
    if tagged:
        forms += [lists.map("!override {}".format), st.just("!reset []")]
    return st.one_of(*forms)


def _variables(*, tagged: bool) -> st.SearchStrategy[str | None]:
    words = ["{A: 1}", "{A: 2, B: }", "[A=3]", "[A, B=4]", "[B=, A=5]", "{}"]
    words += ["!reset {}", "!override [B=6]", "{A: !reset null}", "{A: !override 7}"] if tagged else []
    return st.none() | st.sampled_from(words)


@st.composite
def _projects(draw: st.DrawFn) -> dict[str, str]:
    """Draw the files of a project.

    A service that others extend carries no tags: with them, what Compose 2.40.3 answers depends on the order of
    a Go map, so there is nothing to agree with.
    """

    def service(extends: st.SearchStrategy[str | None], *, tagged: bool) -> _Service:
        return draw(st.builds(_Service, _entries(tagged=tagged), extends, _variables(tagged=tagged)))

    far = "{{file: sub/far.yaml, service: {}}}".format
    inner = st.none() | st.sampled_from(["base1", far("far1"), far("far2")])
    outer = st.none() | st.sampled_from(["base1", "base2", far("far1"), far("far2")])
    deeper = st.none() | st.sampled_from(["far1", "{file: deep/deeper.yaml, service: deep1}"])
    over = [
        service(st.none(), tagged=True).text(name) for name in draw(st.sets(st.sampled_from(["one", "two", "inc1"])))
    ]
    include = draw(st.sampled_from(["include: [inc/inc.yaml]\n", "include: [{path: inc/inc.yaml}]\n", ""]))
    over = [text for text in over if include or "inc1" not in text]
    return {
        "compose.yaml": _ANCHORS
        + include
        + "services:\n"
        + service(st.none(), tagged=False).text("base1")
        + service(inner, tagged=False).text("base2")
        + service(outer, tagged=True).text("one")
        + service(outer, tagged=True).text("two"),
        "two.yaml": _ANCHORS + "services:\n" + "".join(over) if over else "services: {}\n",
        "sub/far.yaml": _ANCHORS
        + "services:\n"
        + service(st.none(), tagged=False).text("far1")
        + service(deeper, tagged=False).text("far2"),
        "sub/deep/deeper.yaml": _ANCHORS + "services:\n" + service(st.none(), tagged=False).text("deep1"),
        "inc/inc.yaml": _ANCHORS
        + "services:\n"
        + service(st.none() | st.just("{file: deep.yaml, service: deep}"), tagged=False).text("inc1"),
        "inc/deep.yaml": _ANCHORS + "services:\n" + service(st.none(), tagged=False).text("deep"),
    }


@pytest.mark.compose
@settings(max_examples=40, deadline=None)
@given(_projects(), st.booleans())
def test_any_project_is_put_together_as_compose_does(texts: dict[str, str], with_second: bool) -> None:
    """Whatever extends, includes, files and anchors are combined, order, duplicates and resets are Compose's."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        for path, text in texts.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        _agree(folder, "compose.yaml", *(["two.yaml"] if with_second else []))


_WRONG = {
    "service": ("services: {a: text}", 1, "the service a must be a mapping"),
    "services": ("services: [a]", 1, "services must be a mapping"),
    "env_file": ("services: {a: {env_file: 3}}", 1, "env_file of a is neither a text nor a list; a list is due"),
    "environment": ("services: {a: {environment: text}}", 1, "environment of a must be a mapping or a list"),
    "environment value": ("services: {a: {environment: {V: [x]}}}", 1, "V in environment of a is no text"),
    "environment item": ("services: {a: {environment: [3]}}", 1, "an entry in environment of a is no text"),
    "profiles": ("services: {a: {profiles: text}}", 1, "profiles of a must be a list"),
    "extends nothing": ("services: {a: {image: b, extends: null}}", 1, "extends names no service"),
    "extends no service": ("services: {a: {extends: {file: x.yaml}}}", 1, "extends names no service"),
    "extends no file": (
        "services: {a: {extends: {file: no.yaml, service: b}}}",
        1,
        "extends names a file that is not there: no.yaml",
    ),
    "extends unknown": ("services: {a: {extends: b}}", 1, "extends names a service that is not there: b"),
    "extends in a circle": (
        "services:\n  a: {extends: b}\n  b: {extends: a}",
        2,
        "services extend each other in a circle",
    ),
    "extends required": (
        "services: {a: {extends: '${X:?}'}}",
        1,
        "a name there cannot be interpolated: it requires X, which is not set",
    ),
    "include": ("include: x.yaml", 1, "include must be a list"),
    "include no file": ("services: {}\ninclude:\n  - no.yaml", 3, "include names a file that is not there: no.yaml"),
    "include nothing": ("include: [{path: []}]", 1, "an include names no file"),
    "include of a map": ("include: [{path: {a: b}}]", 1, "include wants names of files"),
    "include of itself": ("include: [compose.yaml]", 1, "compose files include each other in a circle"),
    "include from elsewhere": (
        "include: ['oci://example.invalid/x:1']",
        1,
        "include names a file that is not on this host; it is not followed",
    ),
}


@pytest.mark.compose
@pytest.mark.parametrize("name", _WRONG)
def test_what_cannot_be_followed_is_refused_by_compose_too(name: str, tmp_path: Path) -> None:
    """Wrong kinds, missing bases and circles are told with file and line, and are wrong for Compose too."""
    text, line, problem = _WRONG[name]
    put(tmp_path, compose=text)
    with pytest.raises(ComposeFileProblem) as caught:
        _ours(load(tmp_path, "compose.yaml"))
    assert (caught.value.problem, caught.value.path, caught.value.line) == (problem, tmp_path / "compose.yaml", line)
    assert caught.value.hint
    assert real.config(tmp_path) is None
