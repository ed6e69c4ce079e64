"""preflight/compose/read/locate.py: where things stand, and how they are written."""

from pathlib import Path

import pytest

from preflight.compose.read import layers
from preflight.compose.read.locate import ComposeSource, read_source
from preflight.compose.read.required import Required
from preflight.errors import CouldNotLook
from preflight.lib.yamlfile import ComposeFileProblem
from preflight.project import ComposeProject
from tests.preflight.compose import real
from tests.preflight.compose.read.locate.projects import load, put


def test_an_entry_says_how_it_is_written_and_where(tmp_path: Path) -> None:
    """Form, required, format, unknown keys, file and line are kept as written."""
    put(
        tmp_path,
        compose="services:\n  a:\n    env_file:\n      - x.env\n      - path: ${S}.env\n        required: FALSE\n"
        "        format: raw\n        optional: 1\n        x-note: 2\n  b:\n    env_file: ~/y.env\n",
    )
    source = load(tmp_path, "compose.yaml", HOME="/home/me")
    short, long = source.env_file_entries("a")
    assert (short.form, short.text, short.path, short.required, short.line) == (
        *("short", "x.env", tmp_path / "x.env", None, 4),
    )
    assert (long.form, long.text, long.path, long.required, long.format, long.line) == (
        *("long", "${S}.env", None, "false", "raw", 5),
    )
    assert (long.required_is_boolean, long.unknown_keys) == (True, (("optional", 8), ("x-note", 9)))
    [string] = source.env_file_entries("b")
    assert (string.form, string.path, string.file) == ("string", Path("/home/me/y.env"), tmp_path / "compose.yaml")


def test_how_an_entry_reaches_its_service_is_said(tmp_path: Path) -> None:
    """Anchors, further files, includes and bases are told apart."""
    put(
        tmp_path,
        compose="include: [inc.yaml]\nx-e: &e [e.env]\nservices:\n  a: {env_file: [p.env]}\n  b: {env_file: *e}\n"
        "  c: {extends: a, env_file: [q.env]}\n  d: &d {env_file: [r.env], environment: {V: }}\n  f: *d\n",
        two="services:\n  a: {env_file: [s.env]}\n",
        inc="services:\n  i: {env_file: [t.env], environment: [V]}\n",
    )
    source = load(tmp_path, "compose.yaml", "two.yaml")

    def vias(service: str) -> list[tuple[str, str]]:
        return [(entry.text, entry.via) for entry in source.env_file_entries(service)]

    assert vias("a") == [("p.env", ""), ("s.env", "second file")]
    assert vias("b") == [("e.env", "anchor")]
    assert vias("c") == [("p.env", "extends"), ("q.env", "")]
    assert vias("f") == [("r.env", "anchor")]
    assert vias("i") == [("t.env", "include")]
    assert [(e.has_value, e.value, e.via, e.line) for e in source.environment_entries("f", "V")] == [
        (False, None, "anchor", 7)
    ]
    assert [(e.has_value, e.via, e.path.name) for e in source.environment_entries("i", "V")] == [
        (False, "include", "inc.yaml")
    ]


def test_services_lines_and_profiles_are_told(tmp_path: Path) -> None:
    """Names come in the order they are written; of an unknown service nothing is known."""
    put(tmp_path, compose="services:\n  b: {profiles: [p, q, p]}\n  a: {extends: b}\n")
    source = load(tmp_path, "compose.yaml")
    assert source.services() == ("b", "a")
    assert source.service_line("a") == (tmp_path / "compose.yaml", 3)
    assert (source.profiles("b"), source.profiles("a")) == (("p", "q"), ("p", "q"))
    assert source.service_line("z") is None
    assert (source.env_file_entries("z"), source.profiles("z"), source.environment_entries("z", "A")) == ((), (), ())
    assert (source.files, source.folder) == ((tmp_path / "compose.yaml",), tmp_path)


def test_a_path_with_a_variable_means_what_it_means_now(tmp_path: Path) -> None:
    """Interpolation uses the shell and .env; an include has variables of its own as well."""
    put(
        tmp_path,
        compose="include: [inc.yaml]\nservices:\n  a: {env_file: ['${S}.env', '${R:?}.env', '${N}']}\n",
        inc="services:\n  i: {env_file: ['${S}.env', x.env]}\n",
    )
    (tmp_path / ".env").write_text("S=prod\n")
    source = load(tmp_path, "compose.yaml")
    assert [source.path_now(entry) for entry in source.env_file_entries("a")] == [tmp_path / "prod.env", None, None]
    assert [source.path_now(entry) for entry in source.env_file_entries("i")] == [
        tmp_path / "prod.env",
        tmp_path / "x.env",
    ]
    assert source.interpolated("${R:?}") is None
    assert source.environ == {"S": "prod"}


def test_long_chains_and_many_files_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chain of extends, and the number of files, are bounded."""
    chain = "".join(f"  s{n}: {{extends: s{n + 1}}}\n" for n in range(layers.MAX_CHAIN + 1))
    put(tmp_path, compose=f"services:\n{chain}  s{layers.MAX_CHAIN + 1}: {{image: b}}\n")
    with pytest.raises(ComposeFileProblem, match="in a chain longer than 100"):
        load(tmp_path, "compose.yaml").env_file_entries("s0")
    monkeypatch.setattr(layers, "MAX_FILES", 1)
    put(tmp_path, two="services: {}\n")
    with pytest.raises(ComposeFileProblem, match="more than 1 compose files"):
        load(tmp_path, "compose.yaml", "two.yaml")


def test_a_broken_file_is_read_once_and_told_each_time(tmp_path: Path) -> None:
    """A cache remembers what is wrong with a file as well as what is in it."""
    put(tmp_path, compose="a: [")
    cache = layers.FileCache()
    problems = []
    for _ in range(2):
        with pytest.raises(ComposeFileProblem) as caught:
            cache.read(tmp_path / "compose.yaml")
        problems.append(caught.value)
    assert problems[0].message == problems[1].message
    assert problems[0] is not problems[1]


def test_a_folder_without_compose_files_has_no_source(tmp_path: Path) -> None:
    """Where nothing is found there is nothing to read."""
    (tmp_path / "e.env").write_text("COMPOSE_FILE=no.yaml\n")
    with pytest.raises(CouldNotLook):
        ComposeSource.load(ComposeProject(tmp_path), {})
    problem = read_source(ComposeProject(tmp_path, (tmp_path / "no.yaml",)), {})
    assert isinstance(problem, ComposeFileProblem)


@pytest.mark.compose
def test_an_include_may_have_its_own_variables_and_folder(tmp_path: Path) -> None:
    """Paths of an include are followed with its env file, or the .env beside it; the outer variables win."""
    put(
        tmp_path,
        compose="include:\n  - path: a/inc.yaml\n  - {path: b/inc.yaml, env_file: [e.env]}\n"
        f"  - {{path: c/inc.yaml, project_directory: {tmp_path}/d}}\n",
        a__inc="services: {a: {extends: {file: '${NEXT}.yaml', service: base}, env_file: [x.env]}}\n",
        a__one="services: {base: {image: b, env_file: [one.env]}}\n",
        b__inc="services: {b: {extends: {file: '${NEXT}.yaml', service: base}}}\n",
        b__two="services: {base: {image: b, env_file: [two.env]}}\n",
        c__inc="services: {c: {image: b, env_file: [c.env]}}\n",
    )
    (tmp_path / "a" / ".env").write_text("NEXT=one\nBARE\n")
    (tmp_path / "e.env").write_text("NEXT=two\n")
    (tmp_path / "d").mkdir()
    source = load(tmp_path, "compose.yaml")
    assert {name: [entry.path for entry in source.env_file_entries(name)] for name in source.services()} == {
        "a": [tmp_path / "a" / "one.env", tmp_path / "a" / "x.env"],
        "b": [tmp_path / "b" / "two.env"],
        "c": [tmp_path / "d" / "c.env"],
    }
    for name in ("a/one", "a/x", "b/two", "d/c"):
        (tmp_path / f"{name}.env").write_text("")
    services = real.config(tmp_path, interpolate=True)
    assert services is not None
    assert sorted(services) == ["a", "b", "c"]


def test_what_compose_makes_of_an_entrys_switches(tmp_path: Path) -> None:
    """After interpolation; a variable that is not set gives neither true nor false."""
    put(
        tmp_path,
        compose="services:\n  a:\n    env_file:\n      - {path: a.env, required: '${NO}', format: '${F:-raw}'}\n"
        "      - {path: b.env, required: false, format: raw}\n      - {path: c.env, required: '${UNSET}'}\n"
        "      - {path: d.env, required: '${A?}', format: '${A?}'}\n      - e.env\n",
    )
    source = load(tmp_path, "compose.yaml", NO="false")
    entries = source.env_file_entries("a")

    assert [source.required(each) for each in entries] == [
        *(Required.NO_AS_TEXT, Required.NO, Required.UNKNOWN, Required.UNKNOWN, Required.BY_DEFAULT),
    ]
    assert [source.is_raw(each) for each in entries] == [True, True, False, False, False]


def test_a_path_is_written_from_the_project_directory(tmp_path: Path) -> None:
    """As the operator would write it into the compose file."""
    put(tmp_path, compose="services: {a: {image: b}}\n")
    source = load(tmp_path, "compose.yaml")

    assert source.relative(tmp_path / "docker" / "pin.env") == "./docker/pin.env"
    assert source.relative(tmp_path.parent / "pin.env") == "../pin.env"
