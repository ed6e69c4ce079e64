"""The pin that is checked out is the one that everybody sees on the branch."""

import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from preflight import (
    About,
    Area,
    Check,
    Context,
    CouldNotLook,
    DoesNotApply,
    Finding,
    Json,
    Need,
    Pin,
    could_not_look,
    failed,
    passed,
    skipped,
    warned,
)
from preflight.envfile import EnvFileSyntaxError, read_env_file
from preflight.git.model import is_ref_name
from preflight.git.remote import Relation, RemoteFile, RemoteView, look_at_remote
from preflight.lib.records import frozen
from preflight.lib.reference import is_plain_reference
from preflight.lib.text import plural, printable
from preflight.pins.value import value_in
from preflight.releases.names import named_releases

_SHORT = 7


@frozen
class Settings:
    """Settings of `pin-freshness`.

    Args:
        remote: Name of the remote that has the truth.
        branch: The branch on it; empty: the one that is deployed (`preflight hook --branch`), else its default branch.
        release_subject: A regular expression found in the subject of every commit that makes a release; empty: one
            that names a version, as in "chore: pin the agent image for v1.2.0".
        release_commits_only: A pin that another commit changed last is a warning.
    """

    remote: str = "origin"
    branch: str = ""
    release_subject: str = ""
    release_commits_only: bool = True

    def __post_init__(self) -> None:
        if not is_ref_name(self.remote):
            raise ValueError("remote: must be the plain name of a remote, such as origin")
        if self.branch and not is_ref_name(self.branch):
            raise ValueError("branch: must be the plain name of a branch, such as main")
        try:
            re.compile(self.release_subject)
        except re.error:
            raise ValueError("release_subject: is no regular expression") from None


@frozen
class _Local:
    """A pin, the file that holds it in the end, and its value on disk."""

    pin: Pin
    path: Path
    line: int | None
    value: str | None


class PinFreshness(Check[Settings]):
    """What is about to be deployed is what the branch says, and a release put it there."""

    about = About(
        id="pin-freshness",
        title="The pin is the one at the head of the branch",
        area=Area.GIT,
        tags=frozenset({"pin", "git", "network", "branch"}),
        needs=frozenset({Need.PIN, Need.GIT, Need.NETWORK, Need.BRANCH}),
        asks=(
            "Does the pin on disk equal the pin at the head of the remote's branch, and was it changed last by a "
            "commit that makes a release? Asked are `git ls-remote` and, where commits are missing here, `git fetch` "
            "into a folder that is thrown away: the repository is not changed."
        ),
        why=(
            "A checkout that nobody pulled deploys yesterday's image without a word; a commit that nobody pushed, or "
            "that a forced push removed, deploys an image that nobody else can see."
        ),
        failures=(
            ("The checkout is behind, and the branch has another pin.", "git pull --ff-only"),
            ("The checkout is ahead: the pin was never pushed.", "Push it, or go back to the branch."),
            ("The checkout and the branch have diverged (same pin: warning).", "Look at both, then rebase or reset."),
            ("The branch was force-pushed, and the pin is gone from it (same pin: warning).", "Ask who did; reset."),
            ("The pin on disk was edited and not committed.", "Commit and push it, or restore it."),
            ("The branch has no pin file, or it does not define the variable.", "Set branch, or push the file."),
            ("The commit that changed the pin last makes no release (warning).", "Look at it; set release_subject."),
            ("A shallow clone does not tell who changed the pin last (skip).", "git fetch --unshallow"),
            ("The remote or branch is not there, or does not answer (error).", "Set remote and branch; git ls-remote."),
            ("There is no remote, or no git work tree (skip).", "Look in a clone of the repository."),
        ),
    )
    settings_type = Settings

    def run(self, ctx: Context) -> Iterator[Finding]:
        """Ask once for each work tree, then judge each pin in it."""
        trees: dict[Path, list[_Local]] = {}
        for pin in ctx.pins:
            try:
                local = _read(ctx, pin)
                root = ctx.doors.git.state(local.path, ctx.deadline).root
            except CouldNotLook as error:
                yield could_not_look(error.message, hint=error.hint, at=ctx.at(pin.file))
                continue
            if root is None:
                hint = "Look in the repository; a folder that Coolify deploys to has no .git."
                words = f"{ctx.show(pin.file)} is not in a git work tree: there is no branch to compare with"
                yield skipped(words, hint=hint, at=ctx.at(pin.file))
            else:
                trees.setdefault(root, []).append(local)
        for pins in trees.values():
            yield from self._compare(ctx, pins)

    def _compare(self, ctx: Context, pins: Sequence[_Local]) -> Iterator[Finding]:
        at = ctx.at(pins[0].pin.file)
        paths = list(dict.fromkeys(local.path for local in pins))
        try:
            branch = self.settings.branch or ctx.options.branch
            view = look_at_remote(ctx.environ, paths, self.settings.remote, branch, ctx.deadline)
        except DoesNotApply as reason:
            yield skipped(reason.message, hint="Look in a clone: there the branch can be asked.", at=at)
            return
        except CouldNotLook as error:
            yield could_not_look(error.message, hint=error.hint, at=at)
            return
        told: set[Path] = set()
        for local in pins:
            judge = _Judge(ctx, self.settings, view, local, view.files[paths.index(local.path)])
            yield from judge.findings(release=local.path not in told)
            told.add(local.path)


class _Judge:
    """Judges one pin."""

    def __init__(self, ctx: Context, settings: Settings, view: RemoteView, local: _Local, there: RemoteFile) -> None:
        self._settings, self._view, self._local, self._there = settings, view, local, there
        self._name = local.pin.variable
        self._file = ctx.show(local.pin.file)
        self._at = ctx.at(local.pin.file, local.line)
        self._branch = f"{settings.remote}/{view.branch}"

    def findings(self, *, release: bool) -> Iterator[Finding]:
        """Say how the pin stands to the branch, and, if ``release``, what commit put it there."""
        if self._there.text is None:
            yield self._fail(f"{self._branch} has no {self._file}", self._hint())
            return
        try:
            theirs = value_in(self._there.text, self._name)
        except EnvFileSyntaxError:
            hint = f"Look: git show {self._branch}:{self._file}"
            yield could_not_look(f"{self._file} on {self._branch} is no env file", hint=hint, at=self._at)
            return
        if theirs is None:
            yield self._fail(f"{self._file} on {self._branch} does not define {self._name}", self._hint())
        elif theirs != self._local.value:
            yield self._different(theirs)
        else:
            yield self._same()
            if release and self._settings.release_commits_only:
                yield from self._release()

    def _different(self, theirs: str) -> Finding:
        pins = f", which pins {_shown(theirs)}"
        if self._is_edited():
            file = shlex.quote(self._file)
            hint = f"Commit and push it, or restore it: git checkout HEAD -- {file}"
            return self._fail(f"{self._name} was edited here and is not on {self._branch}{pins}", hint)
        if self._is_forced():
            return self._fail(f"{self._name} was on {self._branch} before a forced push{pins}", self._hint())
        behind, ahead = plural(self._view.behind, "commit"), plural(self._view.ahead, "commit")
        words = {
            Relation.EQUAL: f"{self._name} differs from {self._branch}{pins}",
            Relation.BEHIND: f"{self._name} is {behind} behind {self._branch}{pins}",
            Relation.AHEAD: f"{self._name} was changed in {ahead} here that nobody pushed to {self._branch}{pins}",
            Relation.DIVERGED: f"{self._name} is {ahead} ahead of and {behind} behind {self._branch}{pins}",
        }
        return self._fail(words[self._view.relation], self._hint())

    def _same(self) -> Finding:
        view, same = self._view, f"{self._name} is what {self._branch} pins"
        if self._is_forced():
            words = f"{same}, but the branch was force-pushed: commits here are gone from it"
            return warned(words, hint=self._hint(), at=self._at, **self._evidence())
        if view.relation is Relation.DIVERGED:
            words = f"{same}, but the checkout has diverged: {view.ahead} ahead, {view.behind} behind"
            return warned(words, hint=self._hint(), at=self._at, **self._evidence())
        if view.relation is Relation.BEHIND:
            same += f" ({plural(view.behind, 'commit')} behind, none changes it)"
        elif view.relation is Relation.AHEAD:
            same += f" ({plural(view.ahead, 'commit')} ahead, none changes it)"
        return passed(f"{same}{self._since()}", at=self._at, **self._evidence())

    def _since(self) -> str:
        change = self._there.change
        return f", since {change.hash[:_SHORT]} ({change.when:%Y-%m-%d}, {change.author})" if change else ""

    def _release(self) -> Iterator[Finding]:
        change = self._there.change
        if change is None:
            words = f"who changed {self._file} last cannot be told in a shallow clone"
            yield skipped(words, hint="git fetch --unshallow", at=self._at)
        elif not self._is_release(change.subject):
            yield warned(
                f"{self._file} was changed last by no release commit: {change.hash[:_SHORT]} “{change.subject}”",
                hint=f"Look: git show {change.hash[:_SHORT]}; releases are told by release_subject: of this check.",
                at=self._at,
                **self._evidence(),
            )

    def _is_release(self, subject: str) -> bool:
        pattern = self._settings.release_subject
        return re.search(pattern, subject) is not None if pattern else bool(named_releases([subject]))

    def _is_edited(self) -> bool:
        """Whether the value on disk is another than the one of the commit that is checked out."""
        try:
            return value_in(self._there.committed or "", self._name) != self._local.value
        except EnvFileSyntaxError:
            return True

    def _is_forced(self) -> bool:
        return self._view.rewritten and self._view.relation in {Relation.AHEAD, Relation.DIVERGED}

    def _hint(self) -> str:
        view, branch = self._view, shlex.quote(self._view.branch)
        switch = "" if view.checked_out == view.branch else f"git switch {branch} && "
        if self._is_forced():
            return f"Ask who forced the push and why; then: {switch}git fetch && git reset --keep {self._branch}"
        if view.relation is Relation.AHEAD:
            return (
                f"Push it: git push {self._settings.remote} HEAD:{branch}; or go back: git reset --keep {self._branch}"
            )
        if view.relation is Relation.DIVERGED:
            look = f"git log --oneline --left-right HEAD...{self._branch}"
            return f"git fetch, look: {look}; then git rebase {self._branch}, or git reset --keep {self._branch}"
        return f"{switch}git pull --ff-only"

    def _fail(self, words: str, hint: str) -> Finding:
        return failed(words, hint=hint, at=self._at, **self._evidence())

    def _evidence(self) -> dict[str, Json]:
        view, change = self._view, self._there.change
        evidence: dict[str, Json] = {
            "branch": self._branch,
            "head": view.head,
            "checked_out": view.checked_out or "(detached)",
            "relation": "force-pushed" if self._is_forced() else str(view.relation),
            "behind": view.behind,
            "ahead": view.ahead,
            "shallow": view.shallow,
        }
        if change is not None:
            evidence["changed_by"] = change.author
            evidence["changed_in"] = change.hash
            evidence["changed_at"] = change.when.isoformat()
            evidence["subject"] = change.subject
        return evidence


def _read(ctx: Context, pin: Pin) -> _Local:
    found = read_env_file(pin.file).last(pin.variable)
    path = ctx.doors.git.places(pin.file)[-1]
    return _Local(pin, path, found.line if found else None, found.value if found else None)


def _shown(value: str) -> str:
    """Return an image, its digest cut short, or a word for what may be anything."""
    if not is_plain_reference(value):
        return "another value"
    name, at, digest = value.partition("@")
    return printable(f"{name}{at}{digest[:19]}…" if digest else name, 120)
