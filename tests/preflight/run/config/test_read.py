"""preflight/run/config/read.py"""

import json
from datetime import date
from pathlib import Path

import pytest

from preflight.coolify.settings import CoolifySettings
from preflight.errors import ConfigurationError
from preflight.git.root import find_git_root
from preflight.model import Location, Waiver
from preflight.project import ComposeProject, Pin
from preflight.run.config import Configuration, find_config, read_config
from tests.real.git import GitRepository

WHOLE = """\
pins:
  - variable: APP_IMAGE
    service: app
    file: docker/pin.env
    overrides: [docker/pin.local.env]
    message: "Pin {digest} for {release}"
compose:
  {files: [docker/compose.yaml], project_directory: docker, env_files: [x.env], profiles: [prod], project_name: p}
registry: {insecure: ["127.0.0.1:5000"], trust_root: keys/root.json}
coolify: {application: a1b2, root: data, url: "https://c.example", token_file: token, ca_file: ca.pem, pin_in: ui}
checks: {some-check: {minimum: "2.24.0"}}
waivers: [{check: some-check, code: moved, subject: 1.3.1, until: 2027-01-31, reason: "later"}]
timeout: 30
jobs: 2
strict: true
deep: true
only: [a, b]
checks_dir: more
output: [json=reports/a.json]
"""


def write(folder: Path, text: str) -> Path:
    """Write a configuration into the folder."""
    path = folder / "preflight.yaml"
    path.write_text(text)
    return path


def test_everything_is_read_relative_to_the_file(tmp_path: Path) -> None:
    """Relative paths are relative to the configuration, not to the working folder."""
    path = write(tmp_path, WHOLE)

    got = read_config(path, trusted=True)

    docker = tmp_path / "docker"
    assert got.pins == (
        Pin("APP_IMAGE", "app", docker / "pin.env", (docker / "pin.local.env",), "Pin {digest} for {release}"),
    )
    assert got.project == ComposeProject(
        tmp_path, (docker / "compose.yaml",), docker, (tmp_path / "x.env",), ("prod",), "p"
    )
    assert got.waivers == (Waiver("some-check", "moved", date(2027, 1, 31), "later", "1.3.1", Location(str(path), 12)),)
    assert got.options == {
        "timeout": 30,
        "jobs": 2,
        "strict": True,
        "deep": True,
        "only": ("a", "b"),
        "checks_dir": (str(tmp_path / "more"),),
        "output": (f"json={tmp_path}/reports/a.json",),
        "registry_insecure": ("127.0.0.1:5000",),
    }
    assert list(got.checks) == ["some-check"]
    assert got.trust_root == tmp_path / "keys/root.json"
    assert got.coolify == CoolifySettings(
        "a1b2", tmp_path / "data", "https://c.example", tmp_path / "token", tmp_path / "ca.pem", "ui"
    )


def test_nulls_and_empty_sections_are_like_nothing(tmp_path: Path) -> None:
    """The commented file that `init` writes can be emptied key by key."""
    path = write(tmp_path, "pins:\ncompose: {files: [], project_directory: null, project_name: null}\nwaivers:\n")

    got = read_config(path, trusted=False)

    assert (got.pins, got.waivers, got.project) == ((), (), ComposeProject(tmp_path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pin: []\n", ":1: unknown key pin, did you mean pins?"),
        ("compose:\n  fils: []\n", ":2: unknown key fils in compose, did you mean files?"),
        ("registry: {insecur: []}\n", ":1: unknown key insecur in registry, did you mean insecure?"),
        ("pins:\n  - variable: A\n    service: b\n", ":2: pins[0] lacks the key file"),
        ("coolify: {aplication: x}\n", ":1: unknown key aplication in coolify, did you mean application?"),
        ("coolify: {application: ../x}\n", ":1: coolify.application must be the UUID in the address"),
        ("coolify: {pin_in: git}\n", ":1: coolify.pin_in must be file or ui"),
        ("coolify: {root: 1}\n", ":1: coolify.root must be"),
        ("pins: x\n", ":1: pins must be a list"),
        ("pins: [x]\n", ":1: pins[0] must be a mapping"),
        ("pins:\n  - {variable: 1, service: b, file: c}\n", ":2: pins[0].variable must be text"),
        *(
            (
                f"pins: [{{variable: A, service: b, file: c, message: {said}}}]\n",
                ":1: pins[0].message must be the message",
            )
            for said in ('" "', '"a\\eb"', f'"{"x" * 2001}"')
        ),
        (
            'pins: [{variable: A, service: b, file: c, message: "pin {digset} for {release}"}]\n',
            ":1: pins[0].message must be a message whose placeholders are {release} and {digest}, not {digset}",
        ),
        ("\ntimeout: soon\n", ":2: timeout must be a number"),
        ("jobs: 1.5\n", ":1: jobs must be a whole number"),
        ("jobs: true\n", ":1: jobs must be a whole number"),
        ("strict: 1\n", ":1: strict must be true or false"),
        ("only: [1]\n", ":1: only[0] must be text"),
        ("output: [json]\n", ":1: output[0] must be FORMAT=FILE"),
        ("output: [html=-]\n", ":1: output[0] must be FORMAT=FILE with a regular file"),
        ("waivers: [{check: a, until: soon, reason: b}]\n", ":1: waivers[0].until must be a day such as 2027-01-31"),
        (
            "waivers:\n" + " - {check: a, code: c, until: 2027-01-01, reason: b}\n" * 2,
            ":3: a second waiver for a/c",
        ),
        ("- a\n", ":1: the configuration must be a mapping"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    """Which file, which line, what was expected."""
    with pytest.raises(ConfigurationError) as caught:
        read_config(write(tmp_path, text), trusted=True)

    assert message in caught.value.message
    assert caught.value.message.startswith(str(tmp_path / "preflight.yaml"))


def test_a_found_configuration_may_not_name_code(tmp_path: Path) -> None:
    """A checkout must not run itself."""
    path = write(tmp_path, "strict: true\nchecks_dir: evil\n")

    with pytest.raises(ConfigurationError, match=r":2: a configuration that was merely found may not name code"):
        read_config(path, trusted=False)


@pytest.mark.parametrize("text", ["history: h.db", "record: true", "on_change: true", "remind: 12h"])
def test_only_a_named_configuration_says_what_is_recorded(tmp_path: Path, text: str) -> None:
    """A checkout must not choose where the results of its runs go."""
    path = write(tmp_path, f"strict: true\n{text}\n")

    with pytest.raises(ConfigurationError, match=rf":2: a configuration that was merely found may not .*{text[:6]}"):
        read_config(path, trusted=False)
    assert read_config(path, trusted=True).options.keys() == {"strict", text.partition(":")[0]}
    assert read_config(path, trusted=True).options.get("history", tmp_path / "h.db") == tmp_path / "h.db"


@pytest.mark.parametrize("key", ["url", "token_file", "ca_file"])
def test_a_found_configuration_may_not_say_where_the_token_goes(tmp_path: Path, key: str) -> None:
    """Whoever names the address of Coolify's API is handed the token."""
    path = write(tmp_path, f"coolify:\n  application: a1b2\n  {key}: x\n")
    read_config(path, trusted=True)

    with pytest.raises(ConfigurationError, match=rf":3: .*may not say where the API token is sent \(coolify.{key}\)"):
        read_config(path, trusted=False)

    got = read_config(write(tmp_path, f"coolify: {{application: a1b2, pin_in: ui, {key}: null}}\n"), trusted=False)
    assert got.coolify == CoolifySettings("a1b2", pin_in="ui")


def test_a_found_configuration_writes_only_below_its_own_folder(tmp_path: Path) -> None:
    """A checkout must not choose files of the host to replace."""
    (tmp_path / "out").symlink_to("/etc")
    for target in ("/etc/passwd", "../x", "out/passwd"):
        path = write(tmp_path, f"output: [json={target}]\n")
        with pytest.raises(ConfigurationError, match="may not write outside its folder"):
            read_config(path, trusted=False)

    got = read_config(write(tmp_path, "output: [json=report.json]\n"), trusted=False)
    assert got.options["output"] == (f"json={tmp_path}/report.json",)


def test_a_found_configuration_overwrites_nothing_of_the_checkout(git_repository: GitRepository) -> None:
    """Neither what git tracks, nor what lies in `.git`, nor what a run reads; an old report it may."""
    folder = git_repository.path
    git_repository.commit({"compose.yaml": "services: {}\n", "docs/report.json": "{}", "pin.env": "A=1\n"})
    git_repository.write({"report.json": "{}", "local.env": "A=2\n", "x.yaml": ""})
    (folder / "link").symlink_to(".git/hooks")
    cases = {
        ".git/config": "may not write into .git",
        ".GIT/hooks/post-checkout": "may not write into .git",
        "link/post-checkout": "may not write into .git",
        "compose.yaml": "may not overwrite a file that is read here",
        "docker-compose.override.yml": "may not overwrite a file that is read here",
        ".env": "may not overwrite a file that is read here",
        "local.env": "may not overwrite a file that is read here",
        "x.yaml": "may not overwrite a file that is read here",
        "preflight.yaml": "may not overwrite a file that is read here",
        "docs/report.json": "may not overwrite a file that git tracks",
    }
    rest = "pins: [{variable: A, service: s, file: pin.env, overrides: [local.env]}]\ncompose: {files: [x.yaml]}\n"
    for target, words in cases.items():
        with pytest.raises(ConfigurationError, match=f":1: a configuration that was merely found {words}"):
            read_config(write(folder, f"output: [json={target}]\n{rest}"), trusted=False)

    got = read_config(write(folder, f"output: [json=report.json, table=new.txt]\n{rest}"), trusted=False)
    assert got.options["output"] == (f"json={folder}/report.json", f"table={folder}/new.txt")
    named = read_config(write(folder, "output: [json=docs/report.json]\n"), trusted=True)
    assert named.options["output"] == (f"json={folder}/docs/report.json",)


def test_what_git_cannot_tell_is_not_overwritten(git_repository: GitRepository) -> None:
    """The file might be tracked."""
    git_repository.commit({"report.json": "{}"})
    (git_repository.path / ".git/index").write_text("no index")

    with pytest.raises(ConfigurationError, match="of which git cannot tell whether it is tracked"):
        read_config(write(git_repository.path, "output: [json=report.json]\n"), trusted=False)


def test_a_found_configuration_names_no_registry_for_plain_http(tmp_path: Path) -> None:
    """Docker's login would go out for all to read; on this machine nobody else reads it."""
    with pytest.raises(ConfigurationError, match=r":2: .* no other host asked in plain HTTP \(registry.insecure\)"):
        read_config(write(tmp_path, "registry:\n  insecure: [localhost, ghcr.io]\n"), trusted=False)

    for trusted, hosts in ((False, ("127.0.0.1:5000", "localhost")), (True, ("registry:5000",)), (False, ())):
        path = write(tmp_path, f"registry: {{insecure: {json.dumps(hosts)}}}\n")
        assert read_config(path, trusted=trusted).options["registry_insecure"] == hosts


def test_an_unreadable_configuration_is_a_configuration_error(tmp_path: Path) -> None:
    """A directory, an absent file and a huge one end with exit code 2, not with a traceback."""
    (tmp_path / "d").mkdir()
    (tmp_path / "big").write_bytes(b"#" * (1024 * 1024 + 1))
    for name, words in (("d", "is a directory"), ("gone", "no such file"), ("big", "larger than 1024 KiB")):
        with pytest.raises(ConfigurationError, match=words):
            read_config(tmp_path / name, trusted=True)


def test_it_is_found_in_the_folder_then_in_the_git_root(tmp_path: Path) -> None:
    """Nothing above the git root is looked at."""
    inner = tmp_path / "repository" / "docker"
    inner.mkdir(parents=True)
    write(tmp_path, "")
    assert find_config(inner) is None

    (tmp_path / "repository" / ".git").mkdir()
    assert find_git_root(inner) == tmp_path / "repository"
    assert find_config(inner) is None

    at_root = write(tmp_path / "repository", "")
    assert find_config(inner) == at_root
    assert find_config(inner) != write(inner, "")
    assert find_config(inner) == inner / "preflight.yaml"


def test_no_configuration_leaves_everything_to_looking(tmp_path: Path) -> None:
    """The empty configuration names nothing."""
    assert Configuration(None, tmp_path).project is None


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    """Each with its line: a file is corrected in one go."""
    path = write(
        tmp_path,
        """\
timeuot: 5
jobs: many
pins:
  - {variable: A, service: app, file: pin.env}
  - {variable: B, sevice: app, file: pin.env}
waivers:
  - {check: a, code: b, until: soon, reason: c}
coolify: {pin_in: nowhere}
""",
    )

    with pytest.raises(ConfigurationError) as refused:
        read_config(path, trusted=False)

    messages = [each.message for each in refused.value.all]
    assert [int(message.split(":")[1]) for message in messages] == [1, 2, 5, 5, 8, 7]
    assert all(str(tmp_path) in message for message in messages)
