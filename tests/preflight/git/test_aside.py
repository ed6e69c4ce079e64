"""preflight/git/aside.py: what is fetched lands beside the checked repository, whose configuration does not count."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from preflight.errors import CouldNotLook
from preflight.git.aside import Aside, aside_folder
from preflight.git.command import GitCommand
from preflight.git.door import Git
from preflight.git.remote import Relation, RemoteView, look_at_remote
from preflight.lib.deadline import Deadline
from tests.real.git import GIT_ENVIRON, GitRepository

ENVIRON = {"PATH": os.environ.get("PATH", os.defpath), **GIT_ENVIRON}
ROOT = Path(__file__).resolve().parents[3]


def look(clone: Path, environ: dict[str, str] | None = None) -> RemoteView:
    """Compare the pin file of a clone with the default branch of its remote."""
    return look_at_remote(environ or ENVIRON, [clone / "pin.env"], "origin", "", Deadline.after(60))


class Served:
    """A repository over plain HTTP, in the way any web server can (gitprotocol-http(5), "dumb")."""

    def __init__(self, repository: GitRepository) -> None:
        self.repository, self.headers = repository, list[dict[str, str]]()
        served = self

        class Handler(SimpleHTTPRequestHandler):
            def end_headers(self) -> None:
                served.headers.append({name.lower(): value for name, value in self.headers.items()})
                self.send_header("Set-Cookie", "session=1; Max-Age=1000")
                super().end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        handler = partial(Handler, directory=str(repository.path / ".git"))
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def publish(self, content: str) -> str:
        """Commit a pin, and let it be seen."""
        commit = self.repository.commit({"pin.env": content})
        self.repository.git("update-server-info")
        return commit


@pytest.fixture
def served(git_repository: GitRepository) -> Iterator[Served]:
    """A remote with one commit."""
    remote = Served(git_repository)
    remote.publish("A=1\n")
    yield remote
    remote.server.shutdown()
    remote.server.server_close()


@pytest.fixture
def clone(served: Served, tmp_path: Path) -> GitRepository:
    """A clone of it that is one commit behind."""
    GitRepository(tmp_path).git("clone", "--quiet", served.url, "clone")
    served.publish("A=2\n")
    served.headers.clear()
    return GitRepository(tmp_path / "clone")


def test_the_repository_writes_no_cookie_and_adds_no_header(
    served: Served, clone: GitRepository, tmp_path: Path
) -> None:
    """Neither for all servers, nor for this one alone, nor by an include."""
    cookies, included = tmp_path / "cookies", tmp_path / "included"
    included.write_text('[http]\nextraHeader = "X-Included: 1"\n')
    for name in ("http", f"http.{served.url}/"):
        clone.git("config", f"{name}.cookieFile", str(cookies))
        clone.git("config", f"{name}.saveCookies", "true")
        clone.git("config", "--add", f"{name}.extraHeader", "X-Evil: 1")
        clone.git("config", f"{name}.userAgent", "evil")
    clone.git("config", "include.path", str(included))
    clone.git("config", "remote.origin.proxy", "http://127.0.0.1:1")

    view = look(clone.path)
    Git(clone.path, ENVIRON).remote_tags(Deadline.after(30))

    assert (view.relation, view.files[0].text) == (Relation.BEHIND, "A=2\n")
    assert served.headers
    assert not [each for each in served.headers if {"x-evil", "x-included", "cookie"} & each.keys()]
    assert not [each for each in served.headers if each["user-agent"] == "evil"]
    assert not cookies.exists()


def test_the_operators_own_configuration_counts(served: Served, clone: GitRepository, tmp_path: Path) -> None:
    """It is not of the repository: a proxy, say, or an authority."""
    own = tmp_path / "own"
    own.write_text('[http]\nextraHeader = "X-Own: 1"\n')

    look(clone.path, {**ENVIRON, "GIT_CONFIG_GLOBAL": str(own)})

    assert all(each["x-own"] == "1" for each in served.headers)


def state(repository: GitRepository) -> dict[str, bytes]:
    """Return every file of a repository."""
    return {str(path): path.read_bytes() for path in repository.path.rglob("*") if path.is_file()}


def test_nothing_in_the_repository_changes(clone: GitRepository) -> None:
    """No object, no ref, no FETCH_HEAD, no index."""
    before = state(clone)

    assert look(clone.path).behind == 1

    assert state(clone) == before


@pytest.mark.parametrize("options", [["--depth=1"], ["--object-format=sha256"], ["--bare-quotes"]])
def test_every_kind_of_repository(tmp_path: Path, options: list[str]) -> None:
    """A shallow clone, one with long ids, one in a folder with quotes and backslashes in its name."""
    sha256 = options == ["--object-format=sha256"]
    origin = GitRepository(tmp_path / 'o "r\\i"')
    origin.path.mkdir()
    origin.git("init", "--quiet", "--initial-branch=main", *(options if sha256 else []))
    for number in range(3):
        origin.commit({"pin.env": f"A={number}\n"})
    clone = tmp_path / 'c "l\\o"'
    GitRepository(tmp_path).git(
        "clone", "--quiet", *options[: options == ["--depth=1"]], origin.path.as_uri(), clone.name
    )
    origin.commit({"pin.env": "A=new\n"})

    view = look(clone)

    assert (view.relation, view.behind, view.files[0].text) == (Relation.BEHIND, 1, "A=new\n")
    assert view.shallow is (options == ["--depth=1"])


def test_a_relative_address_counts_from_the_root(git_repository: GitRepository, tmp_path: Path) -> None:
    """As git has it, wherever in the work tree it is asked."""
    git_repository.commit({"docker/pin.env": "A=1\n"})
    GitRepository(tmp_path).git("clone", "--quiet", str(git_repository.path), "clone")
    clone = GitRepository(tmp_path / "clone")
    clone.git("remote", "set-url", "origin", os.path.relpath(git_repository.path, clone.path))
    git_repository.commit({"docker/pin.env": "A=2\n"})

    view = look_at_remote(ENVIRON, [clone.path / "docker/pin.env"], "origin", "", Deadline.after(60))

    assert view.files[0].text == "A=2\n"


@pytest.fixture
def partial_origin(git_repository: GitRepository) -> GitRepository:
    """A remote that partial clones can be made of."""
    git_repository.git("config", "uploadpack.allowFilter", "true")
    for number in range(4):
        git_repository.commit({"pin.env": f"A={number}\n", f"other/{number}": "x\n"}, f"Pin {number}")
    return git_repository


@pytest.mark.parametrize("kind", ["blob:none", "tree:0"])
def test_a_partial_clone_says_what_to_fetch(partial_origin: GitRepository, tmp_path: Path, kind: str) -> None:
    """It lacks what older commits held; the command in the hint fetches that, and then all is told."""
    GitRepository(tmp_path).git("clone", "--quiet", f"--filter={kind}", partial_origin.path.as_uri(), "clone")
    clone = tmp_path / "clone"

    with pytest.raises(CouldNotLook, match="the clone is partial and lacks what older commits held") as caught:
        Git(clone, ENVIRON).history(clone / "pin.env", 10, Deadline.after(30))

    command = caught.value.hint.removeprefix("Fetch it once: ").partition(" > ")[0]
    subprocess.run(command.split(), env=ENVIRON, capture_output=True, check=True)
    history = Git(clone, ENVIRON).history(clone / "pin.env", 10, Deadline.after(30))
    assert [each.text for each in history] == ["A=3\n", "A=2\n", "A=1\n", "A=0\n"]


@pytest.mark.parametrize("kind", ["blob:none", "tree:0"])
def test_a_partial_clone_is_compared_with_its_remote(partial_origin: GitRepository, tmp_path: Path, kind: str) -> None:
    """What is new comes whole; what it lacks is not taken for absent."""
    GitRepository(tmp_path).git("clone", "--quiet", f"--filter={kind}", partial_origin.path.as_uri(), "clone")
    partial_origin.commit({"pin.env": "A=new\n"})

    view = look(tmp_path / "clone")

    assert (view.relation, view.files[0].text, view.files[0].committed) == (Relation.BEHIND, "A=new\n", "A=3\n")

    partial_origin.commit({"pin.env": "A=0\n"}, "Back to what the clone never had")
    assert look(tmp_path / "clone").files[0].text == "A=0\n"


def test_the_next_one_removes_what_a_killed_one_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its folder bears the name of its process."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    code = (
        f"import sys, time, tempfile; tempfile.tempdir = {str(tmp_path)!r}\n"
        "from preflight.git.aside import aside_folder\n"
        "with aside_folder() as path:\n    print(path, flush=True)\n    time.sleep(60)\n"
    )
    killed = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert killed.stdout is not None
    left = Path(killed.stdout.readline().strip())
    assert left.is_dir()
    with aside_folder() as mine:
        assert left.is_dir(), "its process lives"
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        killed.stdout.close()
        with aside_folder() as other:
            assert not left.exists()
            assert mine.is_dir()
            assert other.is_dir()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_one_line(git_repository: GitRepository, tmp_path: Path) -> None:
    """With the way out."""
    head = git_repository.commit({"pin.env": "A=1\n"})
    (tmp_path / "full").write_text("")

    with pytest.raises(CouldNotLook, match="there is no room for temporary files") as caught:
        Aside(GitCommand(ENVIRON), tmp_path / "full", git_repository.path, [head], Deadline.after(30))
    assert "TMPDIR" in caught.value.hint
