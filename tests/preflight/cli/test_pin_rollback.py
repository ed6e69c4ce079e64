"""preflight/cli/pin_rollback.py and preflight/pin/rollback/: real git, real remote, real registry, real engine."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from provision.sample import PIN_FILE, REPOSITORY, VARIABLE, Sample

from tests.fakes.coolify_api import TOKEN, FakeCoolify, Token, variable
from tests.preflight.cli.pin_site import PinSite
from tests.real.cli import PreflightCli
from tests.real.engine import RealEngine
from tests.real.git import GIT_ENVIRON, GitRepository

pytestmark = [pytest.mark.engine, pytest.mark.registry]


class Site(PinSite):
    """The sample's checkout, with a bare repository as its origin."""

    def value(self) -> str:
        """What the pin file in the work tree says."""
        [line] = [line for line in self.pin.read_text().splitlines() if line.startswith(f"{VARIABLE}=")]
        return line.partition("=")[2]

    def pinned(self, commit: str = "HEAD") -> str:
        """The value as of a commit of the remote's."""
        [line] = [
            line for line in self.bare.git("show", f"{commit}:{PIN_FILE}").splitlines() if line.startswith(VARIABLE)
        ]
        return line.partition("=")[2]

    def data(self, *arguments: str) -> dict[str, Any]:
        """Roll back, which must go well, and return the JSON."""
        done = self.run("--format", "json", *arguments)
        assert done.returncode == 0, done.stderr
        data: dict[str, Any] = json.loads(done.stdout)
        return data


@pytest.fixture
def site(sample: Sample, engine: RealEngine, preflight_cli: PreflightCli, tmp_path: Path) -> Site:
    """Releases 1.3.0, 1.3.1, 1.4.0 and 1.4.1, the last of them pinned."""

    def call(
        *arguments: str, cwd: Path = sample.path, environ: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        insecure = ("--registry-insecure", sample.registry)
        given = {**engine.environ, **GIT_ENVIRON, **(environ or {})}
        return preflight_cli("pin", "rollback", *arguments, *insecure, cwd=cwd, env=given)

    return Site(sample, tmp_path / "remote.git", call)


def digest_of(site: Site, release: str) -> str:
    """The digest that a release was pinned to."""
    found = subprocess.run(
        ["git", "log", "--format=%H", f"--grep=for v{release}$", "-1"],
        cwd=site.sample.path,
        check=True,
        capture_output=True,
        text=True,
    )
    text = site.git("show", f"{found.stdout.strip()}:{PIN_FILE}")
    return text.rpartition("@")[2].strip()


def test_the_work_tree_only(site: Site) -> None:
    """By default: one line, shown as a diff; nothing is committed."""
    head, before = site.git("rev-parse", "HEAD"), site.pin.read_text()

    done = site.run()

    assert done.returncode == 0, done.stderr
    assert site.value().endswith(digest_of(site, "1.4.0"))
    assert site.git("rev-parse", "HEAD") == head
    assert site.git("diff", "--numstat") == f"1\t1\t{PIN_FILE}"
    assert f"- {VARIABLE}=" in done.stdout
    assert "back to: 1.4.0" in done.stdout
    assert "verified:" in done.stdout
    assert "remains: the image tag 1.4.1 still points at the old digest" in done.stdout
    assert "remains: cut 1.4.2 with the fix" in done.stdout
    assert before != site.pin.read_text()


def test_a_dry_run_writes_nothing(site: Site) -> None:
    """The plan, the diff, and what would remain."""
    before = site.state()
    done = site.run("--dry-run", "--push", "--branch", "main")
    assert done.returncode == 0, done.stderr
    assert "nothing was written (--dry-run)" in done.stdout
    assert f"+ {VARIABLE}=" in done.stdout
    assert site.state() == before
    assert site.bare.git("rev-parse", "main") == site.git("rev-parse", "HEAD")


def test_a_pushed_revert(site: Site) -> None:
    """Git knows the commit as a revert; the checkout stays as it is; afterwards `git pull` is a fast-forward."""
    bad, before = site.git("rev-parse", "HEAD"), site.state()
    data = site.data("--push", "--branch", "main")

    message = site.bare.git("log", "-1", "--format=%B", "main")
    assert message == f'Revert "Pin the agent image for v1.4.1"\n\nThis reverts commit {bad}.'
    assert site.bare.git("rev-parse", "main") == data["commit"]
    assert site.bare.git("diff", "main~2", "main") == ""
    assert site.state() == before
    site.git("pull", "-q", "--ff-only", "origin", "main")
    assert site.value().endswith(digest_of(site, "1.4.0"))


def test_a_second_rollback_and_the_revert_of_a_revert(site: Site) -> None:
    """Never back to the bad one by itself; forward again when told."""
    site.data("--commit")
    second = site.data("--commit")
    assert second["is_revert"] is False
    assert second["to"]["release"] == "1.3.1"
    assert site.value().endswith(digest_of(site, "1.3.1"))
    site.git("reset", "-q", "--hard", "HEAD~1")
    revert = site.git("rev-parse", "HEAD")

    again = site.data("--commit", "--to", "v1.4.1")

    assert again["was_rolled_back_from"] is True
    assert site.git("log", "-1", "--format=%B").startswith('Reapply "Pin the agent image for v1.4.1"\n\n')
    assert f"This reverts commit {revert}." in site.git("log", "-1", "--format=%B")
    assert site.value().endswith(digest_of(site, "1.4.1"))


def test_a_pruned_release_in_between_is_refused(site: Site) -> None:
    """With the nearest earlier one that is there, which then is gone to, over three releases."""
    for release in ("1.4.0", "1.3.1"):
        site.client.delete(REPOSITORY, digest_of(site, release))
    before = site.state()

    done = site.run("--commit")

    assert done.returncode == 1
    assert "the registry no longer has 1.4.0" in done.stderr
    assert "preflight pin rollback --to 1.3.0" in done.stderr
    assert site.state() == before
    data = site.data("--commit", "--to", "1.3.0")
    assert data["is_revert"] is False
    assert site.git("log", "-1", "--format=%s") == "Roll back to the image pinned for 1.3.0 [skip actions]"
    assert site.value().endswith(digest_of(site, "1.3.0"))


def test_offline_says_what_was_not_verified(site: Site) -> None:
    """No registry is asked; the target may even be gone."""
    site.client.delete(REPOSITORY, digest_of(site, "1.4.0"))
    done = site.run("--offline")
    assert done.returncode == 0, done.stderr
    assert "not verified (--offline)" in done.stdout
    assert "not looked at (--offline)" in done.stdout
    assert "verified: " not in done.stdout.replace("not verified", "")
    assert site.value().endswith(digest_of(site, "1.4.0"))


def test_a_file_with_changes_of_somebody_else(site: Site) -> None:
    """Refused by name; nothing is overwritten."""
    site.pin.write_text(site.pin.read_text() + "# mine\n")
    before = site.state()
    for arguments in ((), ("--commit",), ("--push", "--branch", "main")):
        done = site.run(*arguments)
        assert done.returncode == 1
        assert "agent-image-pin.env has uncommitted changes" in done.stderr
    assert site.state() == before


def test_the_work_tree_first_and_the_commit_later(site: Site) -> None:
    """The second call goes on from what the first wrote."""
    site.data()
    data = site.data("--commit")
    assert data["is_revert"] is True
    assert site.git("status", "--porcelain") == ""


def clone(site: Site, folder: Path, *options: str) -> GitRepository:
    """Clone the remote."""
    url = site.bare.path.as_uri()
    subprocess.run(["git", "clone", "-q", *options, url, str(folder)], check=True)
    return GitRepository(folder)


def test_a_branch_that_moved(site: Site, tmp_path: Path) -> None:
    """What others pushed stays; another pin of theirs is not overwritten."""
    other = clone(site, tmp_path / "other")
    other.commit({"new.txt": "1\n"})
    other.git("push", "-q", "origin", "main")
    site.data("--push", "--branch", "main")
    assert site.bare.git("show", "main:new.txt") == "1"
    assert site.pinned("main").endswith(digest_of(site, "1.4.0"))

    other.git("pull", "-q", "--ff-only")
    pinned = site.pinned("main").replace(digest_of(site, "1.4.0"), "sha256:" + "7" * 64)
    other.commit({PIN_FILE: f"{VARIABLE}={pinned}\n"}, "Pin the agent image for v1.5.0")
    other.git("push", "-q", "origin", "main")
    head = site.bare.git("rev-parse", "main")
    done = site.run("--push", "--branch", "main")
    assert done.returncode == 1
    assert "somebody pinned another image meanwhile" in done.stderr
    assert site.bare.git("rev-parse", "main") == head


def test_checkouts_of_other_kinds(site: Site, tmp_path: Path) -> None:
    """Shallow, detached, a second work tree, and sparse."""
    shallow = clone(site, tmp_path / "shallow", "--depth", "3")
    done = site.run("--commit", "--format", "json", cwd=shallow.path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["to"]["digest"] == digest_of(site, "1.4.0")

    site.git("worktree", "add", "-q", "--detach", str(tmp_path / "tree"))
    done = site.run("--commit", "--format", "json", cwd=tmp_path / "tree")
    assert done.returncode == 0, done.stderr
    assert GitRepository(tmp_path / "tree").git("log", "-1", "--format=%s") == 'Revert "Pin the agent image for v1.4.1"'

    sparse = clone(site, tmp_path / "sparse", "--sparse")
    sparse.git("sparse-checkout", "set", "docker")
    done = site.run("--push", "--branch", "main", cwd=sparse.path)
    assert done.returncode == 0, done.stderr
    assert site.pinned("main").endswith(digest_of(site, "1.4.0"))


def test_files_that_name_the_tag(site: Site) -> None:
    """Tracked ones only, with the line; a longer version is another one."""
    GitRepository(site.sample.path).commit(
        {
            "k8s/agent.yaml": f"# \nimage: {site.sample.registry}/{REPOSITORY}:1.4.1\n",
            "other.yaml": f"image: {REPOSITORY}:1.4.10\n",
            "v.yaml": f"image: {REPOSITORY}:v1.4.1@sha256:0\n",
        }
    )
    data = site.data("--dry-run")
    files = [each["text"] for each in data["remains"] if each["kind"] == "file"]
    assert files == ["k8s/agent.yaml:2 names the image by the tag 1.4.1", "v.yaml:1 names the image by the tag 1.4.1"]


def test_another_platform_is_refused(site: Site) -> None:
    """The target does not run here."""
    digest = site.client.push_image(REPOSITORY, "1.4.2", content="1.4.2", platform="linux/s390x")
    text = site.pin.read_text()
    GitRepository(site.sample.path).commit(
        {PIN_FILE: text.replace(digest_of(site, "1.4.1"), digest)}, "Pin the agent image for v1.4.2"
    )
    GitRepository(site.sample.path).commit({PIN_FILE: text}, "Pin the agent image for v1.4.3")
    done = site.run("--to", "1.4.2")
    assert done.returncode == 1
    assert "linux/s390x" in done.stderr


def test_a_pin_in_coolifys_ui(site: Site) -> None:
    """The variable there has to change, too: said, and with --ui done before the push; no value is printed."""
    digest = digest_of(site, "1.4.0")
    with FakeCoolify(tokens={TOKEN: Token(frozenset({"root"}))}) as coolify:
        coolify.add_application("vgsco4o", variable(VARIABLE, site.value()), variable("OTHER", "hunter2"))
        (site.sample.path / "preflight.yaml").write_text("coolify: {pin_in: ui, application: vgsco4o}\n")
        environ = coolify.environ
        [text] = [each["text"] for each in site.data("--dry-run")["remains"] if each["kind"] == "ui"]
        assert (VARIABLE in text, digest in text) == (True, True)
        planned = site.run("--dry-run", "--ui", environ=environ)
        assert f"Coolify's UI: {VARIABLE} of application vgsco4o would be set" in planned.stdout, planned.stderr
        assert coolify.variables["vgsco4o"][0]["value"] == site.value()

        done = site.run("--push", "--branch", "main", "--ui", environ=environ)

        assert done.returncode == 0, done.stderr
        assert f"{VARIABLE} of application vgsco4o is set; containers get it at the next deployment" in done.stdout
        assert "hunter2" not in done.stdout + done.stderr + planned.stdout
        assert "in Coolify's UI (Environment Variables)" not in done.stdout
        assert [row["value"] for row in coolify.variables["vgsco4o"]] == [site.pinned("main"), "hunter2"]
        assert site.pinned("main").endswith(digest)

        site.git("pull", "-q", "origin", "main")
        coolify.variables["vgsco4o"][0]["value"] = site.pinned("main~1")  # as after a run without --ui
        again = site.run("--to", "1.4.0", "--ui", "--format", "json", environ=environ)
        assert json.loads(again.stdout)["ui"] == {"resource": "vgsco4o", "changed": True}, again.stderr
        assert coolify.variables["vgsco4o"][0]["value"] == site.pinned("main")
        assert "nothing to do" in site.run("--to", "1.4.0", "--ui", environ=environ).stdout


def test_a_new_branch(site: Site) -> None:
    """It starts from the one that is checked out, and somebody has to merge it; what needs a rollout is refused."""
    before, new = site.state(), ("--push", "--branch", "pin/back")
    for option, why in ((("--follow", "5"), "nothing is rolled out"), (("--ui",), "Coolify deploys the old pin")):
        (site.sample.path / "preflight.yaml").write_text("coolify: {pin_in: ui}\n")
        refused = site.run(*new, *option)
        assert (refused.returncode, why in refused.stderr) == (1, True), refused.stderr
    (site.sample.path / "preflight.yaml").unlink()
    planned = site.data(*new, "--dry-run")
    assert planned["merge"] == "merge pin/back into main"
    assert [line.partition(" ")[0] for line in planned["diff"]] == ["-", "+"]

    done = site.run(*new)

    assert done.returncode == 0, done.stderr
    assert "nothing is deployed before somebody merges it; merge pin/back into main" in done.stdout
    assert site.pinned("pin/back").endswith(digest_of(site, "1.4.0"))
    assert site.pinned("main").endswith(digest_of(site, "1.4.1"))
    assert site.state() == before
    assert all(line in done.stdout for line in planned["diff"])


def test_what_is_deployed_from_elsewhere_is_judged_in_a_clone(site: Site) -> None:
    """Nothing runs from this checkout, so the pushed commit is fetched and judged; that nothing runs at all fails."""
    before = site.state()
    done = site.run("--push", "--branch", "main", "--follow", "1", "--format", "json")
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    followed = told["followed"]
    assert (followed["stage"], followed["commit"]) == ("after", told["commit"])
    passed = [check["id"] for check in followed["checks"] if {each["status"] for each in check["findings"]} == {"pass"}]
    assert {"pin-file", "image-pullable"} <= set(passed)
    assert site.state() == before


USAGE = {
    "both": (("--commit", "--push", "--branch", "main"), "exclude each other"),
    "nobody named a branch": (("--push",), "--push needs --branch"),
    "follow without push": (("--follow", "5"), "--follow needs --push"),
    "no pin in the UI": (("--ui",), "--ui needs a pin in Coolify's UI"),
    "offline, and the UI": (("--ui", "--offline"), "leave out --offline"),
    "an empty target": (("--to", ""), "it is empty; give it a value, or leave the option out"),
    "no such pin": (("--variable", "NONE"), "there is no pin NONE"),
}


@pytest.mark.parametrize("name", USAGE)
def test_usage(site: Site, name: str) -> None:
    """Exit 2; nothing is written."""
    before = site.state()
    arguments, words = USAGE[name]
    done = site.run(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert site.state() == before
