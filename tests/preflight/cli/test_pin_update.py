"""preflight/cli/pin_update.py and preflight/pin/update/: real git, real remote, real registry, real engine."""

import json
import subprocess
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from provision.sample import PIN_FILE, REPOSITORY, VARIABLE, Sample

from preflight.cli import entry
from tests.fakes.authority import make_authority
from tests.fakes.http_server import FakeServer
from tests.preflight.cli.pin_site import PinSite, Run
from tests.real.cli import PreflightCli
from tests.real.engine import RealEngine
from tests.real.git import GIT_ENVIRON, GitRepository

pytestmark = [pytest.mark.engine, pytest.mark.registry]


class Site(PinSite):
    """The sample's checkout, with a bare repository as its origin; 1.4.1 is pinned, 1.5.0 is published."""

    def __init__(self, sample: Sample, bare: Path, run: Run) -> None:
        super().__init__(sample, bare, run)
        self.digest = self.client.push_image(REPOSITORY, "1.5.0", "build-1", content="new")

    def pinned(self, where: GitRepository | None = None, commit: str = "main") -> str:
        """The digest that the pin has in a commit."""
        text = (where or self.bare).git("show", f"{commit}:{PIN_FILE}")
        [line] = [line for line in text.splitlines() if line.startswith(f"{VARIABLE}=")]
        return line.rpartition("@")[2]


@pytest.fixture
def site(sample: Sample, engine: RealEngine, preflight_cli: PreflightCli, tmp_path: Path) -> Site:
    """Both repositories, and the command."""

    def call(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        insecure = ("--registry-insecure", sample.registry)
        given = {**engine.environ, **GIT_ENVIRON, **environ}
        return preflight_cli("pin", "update", *arguments, *insecure, cwd=sample.path, env=given)

    return Site(sample, tmp_path / "remote.git", call)


def test_the_work_tree_only(site: Site) -> None:
    """One line changes; the diff is shown; a second run has nothing to do."""
    before = site.pin.read_text()
    planned = site.run("1.5.0", "--dry-run")
    assert planned.returncode == 0, planned.stderr
    assert "nothing was written (--dry-run)" in planned.stdout
    diff = json.loads(site.run("1.5.0", "--dry-run", "--format", "json").stdout)["diff"]
    assert [line.partition(" ")[0] for line in diff] == ["-", "+"]
    assert "\n".join(diff) in planned.stdout
    assert site.pin.read_text() == before

    done = site.run("v1.5.0")

    assert done.returncode == 0, done.stderr
    changed = [
        new for old, new in zip(before.splitlines(), site.pin.read_text().splitlines(), strict=True) if old != new
    ]
    assert changed == [f"{VARIABLE}={site.sample.registry}/{REPOSITORY}@{site.digest}"]
    assert f"+ {VARIABLE}=" in done.stdout
    assert "nothing is committed" in done.stdout
    assert "nothing to do" in site.run("1.5.0").stdout


def test_a_commit_with_its_outputs(site: Site, tmp_path: Path) -> None:
    """The commit names the release, so that the history knows it; GitHub gets digest, release and commit."""
    output = tmp_path / "output"
    refused = site.run("1.5.0", "--commit", "--github-output", GITHUB_OUTPUT=str(tmp_path))
    assert (refused.returncode, refused.stdout, site.git("status", "--porcelain")) == (3, "", "")
    assert "$GITHUB_OUTPUT cannot be written: is a directory" in refused.stderr
    done = site.run("1.5.0", "--commit", "--github-output", "--format", "json", GITHUB_OUTPUT=str(output))
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    head = site.git("rev-parse", "HEAD")
    [pin] = data["pins"]
    assert (data["commit"], pin["to"]["digest"], pin["from"]["release"]) == (head, site.digest, "1.4.1")
    assert output.read_text() == f"digest={site.digest}\nrelease=1.5.0\ncommit={head}\n"
    assert site.git("log", "-1", "--format=%s") == f"Pin {site.digest} for 1.5.0 [skip actions]"
    assert site.git("status", "--porcelain") == ""


def test_a_push_that_others_race(site: Site) -> None:
    """Three at once: one line, one commit; whoever reports success reports what is there."""
    before, count = site.state(), int(site.bare.git("rev-list", "--count", "main"))
    with ThreadPoolExecutor(3) as pool:
        runs = [pool.submit(site.run, "1.5.0", "--push", "--branch", "main") for _ in range(3)]
        ended = [each.result() for each in runs]
    assert [each.returncode for each in ended] == [0] * 3, [each.stderr for each in ended]
    assert site.pinned() == site.digest
    assert int(site.bare.git("rev-list", "--count", "main")) == count + 1
    # Those of the same second make the very same commit, and each of them may say so.
    head = site.bare.git("rev-parse", "main")
    assert all(f": {head} (" in each.stdout or "nothing to do" in each.stdout for each in ended)
    assert site.state() == before


def test_a_line_that_somebody_else_changed_stays(site: Site, tmp_path: Path) -> None:
    """The branch has another pin than the checkout: refused."""
    subprocess.run(["git", "clone", "-q", str(site.bare.path), str(tmp_path / "other")], check=True)
    other = GitRepository(tmp_path / "other")
    text = (other.path / PIN_FILE).read_text()
    other.commit({PIN_FILE: text.replace(text.rpartition("sha256:")[2][:8], "a" * 8)})
    other.git("push", "-q", "origin", "main")
    theirs = site.pinned()

    done = site.run("1.5.0", "--push", "--branch", "main")

    assert done.returncode == 1
    assert "somebody pinned another image meanwhile" in done.stderr
    assert site.pinned() == theirs


def test_a_new_branch_where_this_one_is_protected(site: Site) -> None:
    """Declined, with the way out; then on a branch of its own, with what to merge."""
    hook = site.bare.path / "hooks/update"
    hook.write_text('#!/bin/sh\ntest "$1" != refs/heads/main\n')
    hook.chmod(0o755)
    declined = site.run("1.5.0", "--push", "--branch", "main")
    assert declined.returncode == 3
    assert "origin/main refuses the push" in declined.stderr
    assert "--push --branch NEW" in declined.stderr

    done = site.run("1.5.0", "--push", "--branch", "pin/1.5.0")

    assert done.returncode == 0, done.stderr
    assert "nothing is deployed before somebody merges it; merge pin/1.5.0 into main" in done.stdout
    assert site.pinned(commit="pin/1.5.0") == site.digest
    assert site.bare.git("rev-parse", "pin/1.5.0~") == site.bare.git("rev-parse", "main")


def test_a_new_branch_is_not_made_for_nothing(site: Site) -> None:
    """Nor is anybody told to merge it: neither by a plan, nor in JSON."""
    new = ("1.4.1", "--push", "--branch", "pin/1.4.1")
    planned = site.run(*new, "--dry-run")
    done = site.run(*new, "--format", "json")

    assert (planned.returncode, done.returncode) == (0, 0), planned.stderr + done.stderr
    assert "nothing to do: origin/main says so already\nnothing was written (--dry-run)" in planned.stdout
    assert "merge" not in planned.stdout
    assert (json.loads(done.stdout)["merge"], json.loads(done.stdout)["changed"]) == (None, False)
    assert site.bare.git("branch", "--list", "pin/*") == ""


def test_the_message_of_the_configuration(site: Site) -> None:
    """As the real project writes it; that Coolify then deploys nothing is said."""
    (site.sample.path / "preflight.yaml").write_text(
        f"pins: [{{variable: {VARIABLE}, service: application-server, file: {PIN_FILE}, "
        'message: "chore(release): pin agent-pi to {digest} for v{release} [skip ci]"}]\n'
    )
    done = site.run("1.5.0", "--commit")
    assert done.returncode == 0, done.stderr
    subject = site.git("log", "-1", "--format=%s")
    assert subject == f"chore(release): pin agent-pi to {site.digest} for v1.5.0 [skip ci]"
    assert "note: Coolify 4.1.0 and later deploy no push whose commits say [skip ci]" in done.stdout


def test_what_is_refused_before_anything_is_waited_for_or_published(site: Site) -> None:
    """Nobody to commit as, and a pin file with other changes than the pin's."""
    nobody = dict.fromkeys((f"GIT_{role}_NAME" for role in ("AUTHOR", "COMMITTER")), "")
    site.client.push_image(REPOSITORY, "build-6", content="six")
    done = site.run("1.9.0", "--source", "build-6", "--retag", "--commit", **nobody)
    assert done.returncode == 1
    assert "git knows nobody to commit as" in done.stderr
    assert "has no tag 1.9.0" in site.run("1.9.0").stderr
    site.pin.write_text(site.pin.read_text() + "OTHER=1\n")
    changed = site.run("7.7.7", "--wait", "10m")
    assert (changed.returncode, "has uncommitted changes" in changed.stderr) == (1, True), changed.stderr
    assert "waiting" not in changed.stderr


def test_a_source_is_compared_with_the_release(site: Site) -> None:
    """The same bytes: accepted. No release tag yet: said. Other bytes: refused."""
    assert site.run("1.5.0", "--source", "build-1", "--dry-run").returncode == 0
    assert "no tag for release 1.6.0 yet" in site.run("1.6.0", "--source", "build-1", "--dry-run").stdout
    site.client.push_image(REPOSITORY, "build-2", content="another")
    done = site.run("1.5.0", "--source", "build-2")
    assert done.returncode == 1
    assert "the tag 1.5.0 is sha256:" in done.stderr


def test_a_source_gets_the_tag_of_the_release(site: Site) -> None:
    """Published, compared, pinned; the next run finds all of it and has nothing to do."""
    digest = site.client.push_image(REPOSITORY, "build-3", content="three")
    arguments = ("1.8.0", "--source", "build-3", "--retag", "--push", "--branch", "main")
    planned = site.run(*arguments, "--dry-run")
    assert f"to publish: {site.sample.registry}/{REPOSITORY}:1.8.0" in planned.stdout

    done = site.run(*arguments)

    assert done.returncode == 0, done.stderr
    assert f"published: {site.sample.registry}/{REPOSITORY}:1.8.0 is {digest[:19]}" in done.stdout
    assert "compared:  1.8.0 and build-3 have the same bytes" in done.stdout
    assert site.pinned() == digest
    again = site.run(*arguments, "--format", "json")
    assert (json.loads(again.stdout)["published"], json.loads(again.stdout)["changed"]) == ([], False)


def test_a_published_tag_is_found_and_gone_on_from(site: Site) -> None:
    """As after a run that was killed before it wrote; a tag with another image is moved on demand only."""
    digest = site.client.push_image(REPOSITORY, "build-4", "1.7.0", content="four")
    done = site.run("1.7.0", "--source", "build-4", "--retag", "--commit", "--format", "json")
    assert json.loads(done.stdout)["published"] == []
    assert digest in site.pin.read_text()

    site.client.push_image(REPOSITORY, "build-5", content="five")
    refused = site.run("1.7.0", "--source", "build-5", "--retag")
    assert refused.returncode == 1
    assert "the tag 1.7.0 is sha256:" in refused.stderr
    moved = site.run("1.7.0", "--source", "build-5", "--retag", "--move-tag")
    assert moved.returncode == 0, moved.stderr
    assert "note: the tag 1.7.0 moves from sha256:" in moved.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("latest",), "latest is no version"),
        (("1.5.0", "--offline"), "leave out --offline"),
        (("1.5.0", "--commit", "--push", "--branch", "main"), "exclude each other"),
        (("1.5.0", "--push"), "--push needs --branch"),
        (("1.5.0", "--github-output"), "needs the variable GITHUB_OUTPUT"),
        (("1.5.0", "--retag"), "--retag needs --source"),
        (("1.5.0", "--source", "build-1", "--move-tag"), "--move-tag needs --retag"),
        (("1.5.0", "--source", "agent:build-1"), "is no tag"),
        (("1.5.0", "--smoke", "a 'b"), "--smoke cannot be split into words: no closing quotation"),
        (("1.5.0", "--smoke", " "), "it is empty; give it a value, or leave the option out"),
        (("1.5.0", "--source", ""), "it is empty; give it a value, or leave the option out"),
        (("1.5.0", "--wait", "soon"), "expected a number of seconds"),
    ],
)
def test_mistakes_of_the_command_line(
    arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Said before anything is looked at."""
    monkeypatch.delenv("GITHUB_OUTPUT", raising=False)
    code = entry(("pin", "update", *arguments))
    said = " ".join(capsys.readouterr().err.split())
    assert (code, words in said) == (2, True), said


def test_what_is_refused(site: Site) -> None:
    """A tag that is not there, and an older release; nothing changes."""
    before = site.state()
    missing, older = site.run("1.9.9"), site.run("1.3.1")
    assert (missing.returncode, older.returncode) == (1, 1)
    assert "the registry has no tag 1.9.9 or v1.9.9" in missing.stderr
    assert "release 1.3.1 is older than 1.4.1, which is pinned" in older.stderr
    assert site.state() == before


def test_an_older_release_on_demand(site: Site) -> None:
    """Said twice, it is done."""
    done = site.run("1.3.1", "--allow-older", "--format", "line")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("1.3.1 sha256:")


def test_a_release_that_was_rolled_back_from(site: Site) -> None:
    """Not by accident: only with --again."""
    site.sample.release("1.4.2", site.client)
    site.sample.revert()
    refused = site.run("1.4.2")
    assert refused.returncode == 1
    assert "was rolled back from" in refused.stderr
    assert site.run("1.4.2", "--again").returncode == 0


def test_settings_of_a_check_that_there_is_not_are_refused(site: Site) -> None:
    """An identity under a misspelled check would demand nothing, and the image would be pinned unsigned."""
    settings = "{identity: release@example.com, issuer: https://accounts.example.com}"
    (site.sample.path / "preflight.yaml").write_text(f"checks:\n  image-signatur: {settings}\n")
    before = site.state()
    done = site.run("1.5.0", "--commit")
    assert done.returncode == 2
    assert "preflight.yaml:2: no such check: image-signatur, did you mean image-signature?" in done.stderr
    assert site.state() == before


def test_a_dirty_pin_file_is_refused(site: Site) -> None:
    """By name; tests/preflight/pin/test_deliver.py tries each way."""
    site.pin.write_text(site.pin.read_text() + "# mine\n")
    done = site.run("1.5.0", "--push", "--branch", "main")
    assert done.returncode == 1
    assert f"{site.pin.name} has uncommitted changes" in done.stderr
    assert done.stderr.endswith(f"git checkout HEAD -- {PIN_FILE}\n")


def test_a_token_to_push_with(site: Site, tmp_path: Path) -> None:
    """It is sent to the remote's own host over https, and is in no output; nothing else is sent it."""
    secret = "hunter2-token"
    authority = make_authority(tmp_path)
    settings = tmp_path / "gitconfig"
    settings.write_text(f"[http]\nsslCAInfo = {authority.ca_file}\n")
    arguments = ("1.5.0", "--push", "--branch", "main")
    refused = site.run(*arguments, PREFLIGHT_GIT_TOKEN=secret)
    assert (refused.returncode, "over https only" in refused.stderr) == (2, True)

    with FakeServer(tls=authority.server) as server:
        site.git("remote", "set-url", "origin", f"https://127.0.0.1:{server.host.rpartition(':')[2]}/a/b.git")
        done = site.run(*arguments, PREFLIGHT_GIT_TOKEN=secret, GIT_CONFIG_GLOBAL=str(settings))
        token_file = tmp_path / "token"
        token_file.write_text("another\n")
        site.run(*arguments, "--git-token-file", str(token_file), GIT_CONFIG_GLOBAL=str(settings))
        sent = {request.authorization for request in server.requests if "info/refs" in request.path}

    assert done.returncode == 3
    assert sent == {f"Basic {b64encode(f'x-access-token:{token}'.encode()).decode()}" for token in (secret, "another")}
    assert secret not in done.stdout + done.stderr


def test_several_pins_in_one_commit(site: Site) -> None:
    """Chosen by their variables, in two files and from two repositories; the body of the message lists them."""
    other = f"{REPOSITORY}-worker"
    first = site.client.push_image(other, "1.4.1", content="worker 1.4.1")
    second = site.client.push_image(other, "4.1.0", content="worker 4.1.0")
    agent = site.client.push_image(REPOSITORY, "4.1.0", content="agent 4.1.0")
    pins = (
        f"{{variable: {VARIABLE}, service: application-server, file: {PIN_FILE}}}, "
        "{variable: WORKER, service: worker, file: worker.env}"
    )
    text = f"WORKER={site.sample.registry}/{other}@{first}\n"
    files = {"preflight.yaml": f"pins: [{pins}]\n", "worker.env": text}
    GitRepository(site.sample.path).commit(files, "Pin the worker for 1.4.1")
    site.git("push", "-q", "origin", "main")
    unclear = site.run("4.1.0")
    assert (unclear.returncode, f"Choose with --variable: {VARIABLE}, WORKER." in unclear.stderr) == (2, True)

    chosen = ("--variable", VARIABLE, "--variable", "WORKER")
    planned = site.run("4.1.0", *chosen, "--dry-run").stdout
    assert [planned.count(start) for start in ("\npinned: ", "\nnew: ", "\nverified: ")] == [2, 2, 2]
    done = site.run("4.1.0", *chosen, "--push", "--branch", "main", "--format", "json")

    assert done.returncode == 0, done.stderr
    assert [pin["to"]["digest"] for pin in json.loads(done.stdout)["pins"]] == [agent, second]
    assert site.pinned() == agent
    assert site.bare.git("show", "main:worker.env").endswith(second)
    assert site.bare.git("diff", "--name-only", "main~", "main").split() == [PIN_FILE, "worker.env"]
    assert f"\n\n{VARIABLE}: " in site.bare.git("log", "-1", "--format=%B", "main")
