"""preflight/git/command.py: the hardening of every call of git, written out."""

import ast
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from preflight.git.command import GitCommand
from preflight.lib.deadline import Deadline

PREFLIGHT = Path(__file__).resolve().parents[3] / "preflight"
NETWORK = {"clone", "fetch", "ls-remote", "pull", "push", "send-pack", "fetch-pack"}
ALWAYS = [
    *("--no-pager", "-C", "/folder"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.pager=cat"),
    *("-c", "log.showSignature=false"),
    *("-c", "log.follow=false"),
    *("-c", "i18n.logOutputEncoding=UTF-8"),
    *("-c", "submodule.recurse=false"),
    *("-c", "credential.helper="),
    *("-c", "protocol.allow=never"),
]
FETCH = [
    *("-c", "core.alternateRefsCommand=true"),
    *("-c", "fetch.bundleURI="),
    *("-c", "transfer.bundleURI=false"),
    *("-c", "fetch.writeCommitGraph=false"),
    *("-c", "gc.auto=0"),
    *("-c", "maintenance.auto=false"),
    *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--no-recurse-submodules"),
    *("--no-prune", "--no-filter", "--refmap=", "--upload-pack=git-upload-pack"),
]
PUSH = [
    *("push", "--quiet", "--no-verify", "--no-signed", "--no-follow-tags", "--no-recurse-submodules"),
    "--receive-pack=git-receive-pack",
]
QUIET = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_PAGER": "cat",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
}
LOCAL = {**QUIET, "GIT_ALLOW_PROTOCOL": "none"}
ONLINE = {**QUIET, "GIT_ALLOW_PROTOCOL": "https:http:ssh:file", "GIT_SSH_COMMAND": "ssh -oBatchMode=yes"}
FOLDER, URL = Path("/folder"), "https://host/x"
TURNED = {"GIT_DIR": "/evil", "GIT_WORK_TREE": "/evil", "GIT_INDEX_FILE": "/evil", "GIT_PROXY_COMMAND": "evil"}


@pytest.fixture
def recorded(tmp_path: Path) -> Callable[..., GitCommand]:
    """Makes a `git` that writes down how it was called, and puts it first on PATH."""
    script = tmp_path / "git"
    script.write_text(
        f"#!{sys.executable}\nimport json, os, sys\n"
        f"json.dump([sys.argv[1:], dict(os.environ)], open({str(tmp_path / 'call')!r}, 'w'))\n"
    )
    script.chmod(0o755)

    def make(environ: dict[str, str] | None = None) -> GitCommand:
        return GitCommand({"PATH": f"{tmp_path}:{os.environ['PATH']}", **TURNED, **(environ or {})})

    return make


def call(folder: Path) -> tuple[list[str], dict[str, str]]:
    """Return the arguments of the last call, and what of its environment concerns git."""
    words, environ = json.loads((folder / "call").read_text())
    return words, {name: value for name, value in environ.items() if name.startswith("GIT_") or name in QUIET}


CALLS: dict[str, tuple[Callable[[GitCommand], Any], list[str], dict[str, str]]] = {
    "local": (
        lambda git: git(FOLDER, ("status",), Deadline.after(10)),
        [*ALWAYS, "status"],
        LOCAL,
    ),
    "ls-remote": (
        lambda git: git.ls_remote(URL, "HEAD", Deadline.after(10), "--symref"),
        [*ALWAYS, "ls-remote", "--upload-pack=git-upload-pack", "--symref", "--", URL, "HEAD"],
        {**ONLINE, "GIT_DIR": "/dev/null"},
    ),
    "fetch": (
        lambda git: git.fetch(FOLDER, URL, ("a", "b"), Deadline.after(10)),
        [*ALWAYS, *FETCH, "--", URL, "a", "b"],
        ONLINE,
    ),
    "fetch with a depth": (
        lambda git: git.fetch(FOLDER, URL, ("a",), Deadline.after(10), depth=3),
        [*ALWAYS, *FETCH, "--depth=3", "--", URL, "a"],
        ONLINE,
    ),
    "push": (
        lambda git: git.push(FOLDER, URL, "a:refs/heads/b", Deadline.after(10)),
        [*ALWAYS, *PUSH, "--", URL, "a:refs/heads/b"],
        ONLINE,
    ),
    "another index": (
        lambda git: git.with_variables({"GIT_INDEX_FILE": "/mine"})(FOLDER, ("read-tree", "x"), Deadline.after(10)),
        [*ALWAYS, "read-tree", "x"],
        {**LOCAL, "GIT_INDEX_FILE": "/mine"},
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_hardening_of_every_call(recorded: Callable[..., GitCommand], tmp_path: Path, name: str) -> None:
    """Settings, options and environment; who changes them changes this list."""
    make, words, environ = CALLS[name]

    make(recorded())

    expected = [("/" if word == "/folder" and name == "ls-remote" else word) for word in words]
    assert call(tmp_path) == (expected, environ)


def test_the_operators_own_configuration_and_ssh_are_kept(recorded: Callable[..., GitCommand], tmp_path: Path) -> None:
    """They say how this host reaches a server."""
    own = {"GIT_SSH_COMMAND": "ssh -i key", "GIT_CONFIG_GLOBAL": "/etc/mine", "GIT_CONFIG_COUNT": "0"}

    recorded(own).push(FOLDER, URL, "a:b", Deadline.after(10))

    _, environ = call(tmp_path)
    assert {name: environ[name] for name in own} == own


def test_no_other_module_calls_git_over_the_network() -> None:
    """What is not a verb here is not hardened."""
    others = [path for path in PREFLIGHT.rglob("*.py") if path != PREFLIGHT / "git" / "command.py"]
    for path in others:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Tuple) and node.elts and isinstance(node.elts[0], ast.Constant):
                assert node.elts[0].value not in NETWORK, f"{path}:{node.lineno}"
        assert "-pack=" not in path.read_text(encoding="utf-8"), path
