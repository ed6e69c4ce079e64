"""The commands of a pin against git and curl: an update that is pushed, and a history of many commits.

Registry, engine and remote are real, on this machine. The history shows the newest 20 of its commits, as it does by
default, so the registry is asked for 20 digests side by side.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from provision.command import run
from provision.registry import RegistryClient
from provision.sample import PIN_FILE, REPOSITORY, VARIABLE, Sample, check_out

from tests.bench.measure import Command

UPDATE = str(Path(__file__).with_name("pin_update.sh"))
COMMITS = 500
_VERSION = "9.0.0"
_WHO = {
    f"GIT_{role}_{what}": "bench@preflight.invalid" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
}
Preflight = Callable[..., Command]
"""Makes the command from arguments and ``cwd``."""


def update_commands(stack: Sample, folder: Path, env: dict[str, str], preflight: Preflight) -> tuple[Command, Command]:
    """Return the tool and the shell; each sets the remote's branch back first."""
    RegistryClient(stack.registry).push_image(REPOSITORY, _VERSION, content=_VERSION)
    remote, given = folder / "remote.git", {**env, **_WHO}
    run(["git", "clone", "--quiet", "--bare", str(stack.path), str(remote)], env=given)
    run(["git", "remote", "add", "origin", str(remote)], env=given, cwd=stack.path)
    ours = preflight(
        "pin", "update", _VERSION, "--push", "--branch", "main", "--registry-insecure", stack.registry, cwd=stack.path
    )
    theirs = ["sh", UPDATE, _VERSION, PIN_FILE, VARIABLE]
    back = f"git --git-dir '{remote}' update-ref refs/heads/main \"$(git rev-parse HEAD)\""

    def command(argv: Sequence[str]) -> Command:
        return Command(["sh", "-c", f'{back}; exec "$@"', "sh", *argv], stack.path, given)

    return command(ours.argv), command(theirs)


def history_commands(registry: str, folder: Path, env: dict[str, str], preflight: Preflight) -> tuple[Command, Command]:
    """Return the tool, and `git log -p` of the file with one question to the registry."""
    checkout = check_out(folder / "history", RegistryClient(registry), ["1.0.0"])
    _add_commits(checkout, {**env, **_WHO})
    ours = preflight("pin", "history", "--registry-insecure", registry, cwd=checkout.path)
    url = f"http://{registry}/v2/{REPOSITORY}/tags/list"
    script = f"git log -p --format='%H %ct %an %s' -- {PIN_FILE} > /dev/null; curl --silent --fail {url} > /dev/null"
    return ours, Command(["sh", "-c", script], checkout.path, env)


def _add_commits(checkout: Sample, env: dict[str, str]) -> None:
    """Let each of many commits pin an image of its own; the registry has none of them."""
    text = checkout.pin_file.read_text(encoding="utf-8")
    stream = ["reset refs/heads/main\nfrom refs/heads/main^0\n"]
    for number in range(COMMITS):
        body = text.replace(checkout.reference.rpartition(":")[2], f"{number:064x}")
        subject = f"Pin the agent image for v1.0.{number + 1}"
        who = f"Bench <bench@preflight.invalid> {1_700_000_000 + number * 60} +0000"
        stream += [
            f"commit refs/heads/main\ncommitter {who}\ndata {len(subject)}\n{subject}\n",
            f"M 100644 inline {PIN_FILE}\ndata {len(body.encode())}\n{body}\n",
        ]
    file = checkout.path.parent / "stream"
    file.write_text("".join(stream), encoding="utf-8")
    run(
        ["sh", "-c", 'git fast-import --quiet --force < "$1" && git reset --quiet --hard', "sh", str(file)],
        env=env,
        cwd=checkout.path,
    )
    file.unlink()
