"""preflight/pin/deliver.py in a checkout that somebody else prepared: nothing is run or shown that should not be."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from preflight.errors import PreflightError
from preflight.lib.deadline import Deadline
from preflight.pin.deliver import Change, Commit, Destination, Push, WorkTree, deliver, demand_deliverable
from tests.limits import cpu_at_most
from tests.preflight.pin.site import Site, reference
from tests.real.git import GitRepository

WAYS: dict[str, Destination] = {"work tree": WorkTree(), "commit": Commit("Pin it"), "push": Push("Pin it", "main")}
HOOKS = ("pre-commit", "commit-msg", "post-commit", "reference-transaction", "post-index-change", "pre-push", "update")
PROGRAMS = (
    "core.fsmonitor",
    "core.sshCommand",
    "core.pager",
    "core.editor",
    "core.askPass",
    "core.alternateRefsCommand",
    "credential.helper",
    "diff.external",
    "diff.evil.textconv",
    "filter.evil.clean",
    "filter.evil.smudge",
    "filter.evil.process",
    "gpg.program",
    "gpg.ssh.program",
    "merge.evil.driver",
    "remote.origin.uploadpack",
    "remote.origin.receivepack",
    "trailer.evil.command",
)
FLAGS = {"commit.gpgSign": "true", "push.gpgSign": "true", "filter.evil.required": "true", "log.showSignature": "true"}


def change(site: Site) -> Change:
    """Pin another image."""
    return Change(site.pin, {"AGENT": lambda _: reference("2")})


def go(site: Site, to: Destination) -> bool:
    """Deliver it, after the check that comes first."""
    demand_deliverable(change(site), to, site.environ, Deadline.after(60))
    return deliver(change(site), to, site.environ, Deadline.after(60)).changed


@pytest.mark.parametrize("name", WAYS)
def test_no_program_that_the_repository_names_is_run(site: Site, tmp_path: Path, name: str) -> None:
    """Hooks, filters, helpers, signing programs: all of them would leave a trace."""
    trace, program = tmp_path / "trace", tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho \"$0 $*\" >> '{trace}'\n")
    program.chmod(0o755)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for hook in HOOKS:
        (hooks / hook).symlink_to(program)
    git = site.checkout.git
    (site.checkout.path / ".git/info/attributes").write_text("* filter=evil diff=evil merge=evil\n")
    for key in PROGRAMS:
        git("config", key, str(program))
    for key, value in {**FLAGS, "core.hooksPath": str(hooks)}.items():
        git("config", key, value)

    assert go(site, WAYS[name])

    assert not trace.exists(), trace.read_text()


@pytest.mark.parametrize(
    "address", ["ext::sh -c 'touch TRACE'", "-oProxyCommand=touch TRACE", "ssh://-oProxyCommand=x/y"]
)
def test_an_address_that_would_run_a_program(site: Site, tmp_path: Path, address: str) -> None:
    """Git's `ext::` and what looks like an option of ssh or git are refused, and not shown."""
    trace = tmp_path / "trace"
    site.checkout.git("config", "remote.origin.url", address.replace("TRACE", str(trace)))
    with pytest.raises(PreflightError) as caught:
        go(site, WAYS["push"])
    assert not trace.exists()
    assert "touch" not in caught.value.message + caught.value.hint


def test_a_password_in_the_address_is_not_shown(site: Site) -> None:
    """Whatever git says of it."""
    site.checkout.git("config", "remote.origin.url", "https://robot:hunter2@127.0.0.1:1/owner/name.git")
    with pytest.raises(PreflightError, match="the remote origin cannot be asked") as caught:
        go(site, WAYS["push"])
    assert "hunter2" not in caught.value.message + caught.value.hint


def large(site: Site) -> None:
    """More than any pin file has."""
    site.pin.write_text(f"AGENT={reference('1')}\n" + "#" * (2 << 20) + "\n")


def outside(site: Site) -> None:
    """A folder on the way is a link out of the repository."""
    other = site.checkout.path.parent / "other"
    site.pin.parent.rename(other)
    site.pin.parent.symlink_to(other)


@pytest.mark.parametrize("prepare", [large, outside])
@pytest.mark.parametrize("name", WAYS)
def test_what_is_refused(site: Site, name: str, prepare: Callable[[Site], None]) -> None:
    """At once, with what to do."""
    prepare(site)
    before = site.pin.read_bytes()
    site.checkout.git("add", "--all")
    site.checkout.git("commit", "-q", "-m", "Prepared")
    site.push_all()
    with cpu_at_most(5), pytest.raises(PreflightError) as caught:
        go(site, WAYS[name])
    assert caught.value.hint
    assert site.pin.read_bytes() == before


def test_the_diff_cannot_steer_a_terminal(site: Site) -> None:
    """A comment behind the value is shown without its control characters."""
    site.pin.write_text(f"AGENT={reference('1')} # \x1b]0;owned\x07 \x9b2J\n")
    site.checkout.commit()
    done = deliver(change(site), WorkTree(), site.environ, Deadline.after(60))
    assert len(done.diff) == 2
    assert all(line.isprintable() for line in done.diff)


def test_a_pin_in_a_submodule(site: Site, tmp_path: Path) -> None:
    """The commit goes to the submodule's own remote; the repository around it stays as it is."""
    outer = GitRepository.create(tmp_path / "outer")
    words = ("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(site.bare.path), "stack")
    subprocess.run(["git", *words], cwd=outer.path, check=True, capture_output=True)
    head = outer.commit(message="Add the stack")
    inner = Change(outer.path / "stack/docker/pin.env", {"AGENT": lambda _: reference("2")})

    done = deliver(inner, Push("Pin it", "main"), site.environ, Deadline.after(60))

    assert site.bare.git("rev-parse", "main") == done.commit
    assert (outer.git("rev-parse", "HEAD"), outer.git("status", "--porcelain")) == (head, "")
