"""The pin that is checked out is the one that everybody sees on the branch."""

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
    Failure,
    Finding,
    Json,
    Need,
    Pin,
    Status,
    Subject,
    could_not_look,
    not_looked_at,
    passed,
    setting,
    skipped,
)
from preflight.envfile import EnvFileSyntaxError, read_env_file
from preflight.git.model import is_ref_name
from preflight.git.remote import Relation, RemoteFile, RemoteView, look_at_remote
from preflight.lib.patterns import compile_pattern, demand_pattern
from preflight.lib.records import frozen
from preflight.lib.reference import is_plain_reference
from preflight.lib.text import plural, printable
from preflight.pins.value import value_in
from preflight.releases.names import named_releases
from preflight.releases.timeline import PinChange, pin_changes

_SHORT = 7


BEHIND = Failure(
    "behind",
    "The checkout is behind the branch, which has another pin.",
    "Run git pull --ff-only, then run preflight again.",
)
UNPUSHED = Failure(
    "unpushed",
    "The pin was changed in commits that nobody pushed.",
    "Push them, or go back to the branch: git reset --keep REMOTE/BRANCH",
)
DIVERGED = Failure(
    "diverged",
    "The checkout and the branch have diverged, and have different pins.",
    "Look at both, then rebase onto the branch or reset to it.",
)
DIVERGED_SAME_PIN = Failure(
    "diverged-same-pin",
    "The checkout and the branch have diverged, but have the same pin.",
    "Look at both, then rebase onto the branch or reset to it.",
    Status.WARN,
    Status.WARN,
)
FORCE_PUSHED = Failure(
    "force-pushed",
    "Somebody force-pushed the branch, and the pin is gone from it.",
    "Ask who forced the push and why, then reset to the branch.",
)
FORCE_PUSHED_SAME_PIN = Failure(
    "force-pushed-same-pin",
    "Somebody force-pushed the branch, and it still has the same pin.",
    "Ask who forced the push and why, then reset to the branch.",
    Status.WARN,
    Status.WARN,
)
EDITED = Failure(
    "edited",
    "The pin on disk was edited and not committed, and the branch has another pin.",
    "Commit and push it, or restore the file: git checkout HEAD -- FILE",
)
MISSING_ON_BRANCH = Failure(
    "missing-on-branch", "The branch has no pin file.", "Push the file, or set `branch` for pin-freshness."
)
UNDEFINED_ON_BRANCH = Failure(
    "undefined-on-branch",
    "The pin file on the branch does not define the variable.",
    "Push the line, or set `branch` for pin-freshness.",
)
REFUSED_ON_BRANCH = Failure(
    "refused-on-branch",
    "Compose would refuse the pin file on the branch, so nothing can be compared.",
    "Look at it: git show REMOTE/BRANCH:FILE",
    Status.ERROR,
    Status.ERROR,
    waivable=False,
)
NO_RELEASE_COMMIT = Failure(
    "no-release-commit",
    "The commit that changed the pin last makes no release, and brings back no earlier one.",
    "Look at the commit: git show COMMIT. `release_subject` for pin-freshness tells release commits from others.",
    Status.WARN,
    Status.WARN,
)

_DIFFERENT = {Relation.BEHIND: BEHIND, Relation.AHEAD: UNPUSHED, Relation.DIVERGED: DIVERGED}


@frozen
class Settings:
    """Settings of `pin-freshness`."""

    remote: str = setting("origin", "Name of the remote to compare with.")
    branch: str = setting(
        "", "The branch on it. Empty: the one that is deployed (`preflight hook --branch`), else its default branch."
    )
    release_subject: str = setting(
        "",
        "A regular expression (RE2) found in the subject of every commit that makes a release. Empty: a version, as in "
        "“chore: pin the agent image for v1.2.0”.",
    )
    release_commits_only: bool = setting(
        default=True, meaning="Warn where a commit that makes no release changed the pin last; a rollback is fine."
    )

    def __post_init__(self) -> None:
        if not is_ref_name(self.remote):
            raise ValueError("remote: must be the plain name of a remote, such as origin")
        if self.branch and not is_ref_name(self.branch):
            raise ValueError("branch: must be the plain name of a branch, such as main")
        if self.release_subject:
            demand_pattern("release_subject", self.release_subject)


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
            "Does the pin on disk equal the pin at the head of the remote's branch, and did a commit that makes a "
            "release, or one that brings back an earlier release, change it last? The check runs `git ls-remote` and, "
            "where commits are missing here, `git fetch` into a temporary folder: the repository is not changed."
        ),
        why=(
            "A checkout that nobody pulled silently deploys yesterday's image; a commit that nobody pushed, or that a "
            "forced push removed, deploys an image that nobody else can see."
        ),
        failures=(
            BEHIND,
            UNPUSHED,
            DIVERGED,
            DIVERGED_SAME_PIN,
            FORCE_PUSHED,
            FORCE_PUSHED_SAME_PIN,
            EDITED,
            MISSING_ON_BRANCH,
            UNDEFINED_ON_BRANCH,
            REFUSED_ON_BRANCH,
            NO_RELEASE_COMMIT,
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
                yield could_not_look(error.message, _variable(pin), error.need, hint=error.hint, at=ctx.at(pin.file))
                continue
            if root is None:
                words = f"{ctx.show(pin.file)} is not in a git work tree: there is no branch to compare with"
                hint = "Run preflight in the checkout; the folder that Coolify deploys to has no .git."
                yield skipped(words, _variable(pin), hint=hint, at=ctx.at(pin.file))
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
            yield skipped(
                reason.message, hint="Run this in a clone that has a remote, to compare with the branch.", at=at
            )
            return
        except CouldNotLook as error:
            yield could_not_look(error.message, None, error.need, hint=error.hint, at=at)
            return
        told: set[tuple[str, Path]] = set()
        for local in pins:
            judge = _Judge(ctx, self.settings, view, local, view.files[paths.index(local.path)])
            which = (local.pin.variable, local.path)
            yield from judge.findings(release=which not in told)
            told.add(which)


class _Judge:
    """Judges one pin."""

    def __init__(self, ctx: Context, settings: Settings, view: RemoteView, local: _Local, there: RemoteFile) -> None:
        self._ctx, self._settings, self._view, self._local, self._there = ctx, settings, view, local, there
        self._name = local.pin.variable
        self._file = ctx.show(local.pin.file)
        self._at = ctx.at(local.pin.file, local.line)
        self._branch = f"{settings.remote}/{view.branch}"
        self._change = _last_change(self._name, there)

    def findings(self, *, release: bool) -> Iterator[Finding]:
        """Say how the pin stands to the branch, and, if ``release``, what commit put it there."""
        if self._there.text is None:
            yield self._found(MISSING_ON_BRANCH, f"{self._branch} has no {self._file}", self._hint())
            return
        try:
            theirs = value_in(self._there.text, self._name)
        except EnvFileSyntaxError:
            words = f"{self._file} on {self._branch} is not an env file that Compose reads"
            yield self._found(REFUSED_ON_BRANCH, words, f"Look at it: git show {self._branch}:{self._file}")
            return
        if theirs is None:
            words = f"{self._file} on {self._branch} does not define {self._name}"
            yield self._found(UNDEFINED_ON_BRANCH, words, self._hint())
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
            return self._found(EDITED, f"{self._name} was edited here and is not on {self._branch}{pins}", hint)
        if self._is_forced():
            words = f"{self._name} was on {self._branch} before a forced push{pins}"
            return self._found(FORCE_PUSHED, words, self._hint())
        behind, ahead = plural(self._view.behind, "commit"), plural(self._view.ahead, "commit")
        different = {
            Relation.BEHIND: f"{self._name} is {behind} behind {self._branch}{pins}",
            Relation.AHEAD: f"{self._name} was changed in {ahead} here that nobody pushed to {self._branch}{pins}",
            Relation.DIVERGED: f"{self._name} is {ahead} ahead of and {behind} behind {self._branch}{pins}",
        }
        return self._found(_DIFFERENT[self._view.relation], different[self._view.relation], self._hint())

    def _same(self) -> Finding:
        view, same = self._view, f"{self._name} is what {self._branch} pins"
        if self._is_forced():
            words = f"{same}, but the branch was force-pushed: commits here are gone from it"
            return self._found(FORCE_PUSHED_SAME_PIN, words, self._hint())
        if view.relation is Relation.DIVERGED:
            words = f"{same}, but the checkout has diverged: {view.ahead} ahead, {view.behind} behind"
            return self._found(DIVERGED_SAME_PIN, words, self._hint())
        between = ""
        if view.relation is Relation.BEHIND:
            between = f" ({plural(view.behind, 'commit')} behind, none changes it)"
        elif view.relation is Relation.AHEAD:
            between = f" ({plural(view.ahead, 'commit')} ahead, none changes it)"
        words = f"{self._branch} pins the same{between}{self._since()}: {self._name}"
        return passed(words, _variable(self._local.pin), at=self._at, **self._evidence())

    def _since(self) -> str:
        """Say which commit put the pin there, and whether that was a rollback, by what it holds."""
        if self._change is None:
            return ""
        commit = self._change.commit
        who = f"{commit.hash[:_SHORT]} ({commit.when:%Y-%m-%d}, {commit.author})"
        if not (release := self._returned_to()):
            return f", since {who}"
        return f"; rolled back to {release} by {who}" if self._change.is_rollback else f"; back at {release} by {who}"

    def _returned_to(self) -> str:
        """Return the earlier release that the last change of the pin brought back; empty for none."""
        change = self._change
        if change is None or change.returns_to is None or not self._is_release(change.returns_to.subject):
            return ""
        return change.release or f"“{printable(change.returns_to.subject, 80)}”"

    def _release(self) -> Iterator[Finding]:
        """Say if the last change of the pin is neither a release nor a return to one."""
        older = (
            "git fetch --unshallow" if self._view.shallow else f"git log {self._branch} -- {shlex.quote(self._file)}"
        )
        hint = f"See the older commits: {older}"
        if self._change is None:
            words = f"which commit changed {self._name} last cannot be told: the history here is cut off before it"
            yield not_looked_at(words, _variable(self._local.pin), hint=hint, at=self._at)
            return
        commit = self._change.commit
        if self._is_release(commit.subject) or self._returned_to():
            return
        subject, look = printable(commit.subject, 120), f"Look at it: git show {commit.hash[:_SHORT]}"
        words = f"{self._name} was changed last by {commit.hash[:_SHORT]} “{subject}”, which makes no release"
        if self._there.problem is not None:
            words += "; whether it brings back an earlier one is not known"
            look = f"{look}. {self._there.problem.hint}"
        elif self._there.cut:
            words += f"; whether it brings back one from before {self._there.commits[-1].hash[:_SHORT]} is not known"
            look = f"{look}. {hint}"
        yield self._found(NO_RELEASE_COMMIT, words, look)

    def _is_release(self, subject: str) -> bool:
        pattern = self._settings.release_subject
        return compile_pattern(pattern).search(subject) is not None if pattern else bool(named_releases([subject]))

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

    def _found(self, failure: Failure, words: str, hint: str) -> Finding:
        return self._ctx.found(failure, words, _variable(self._local.pin), hint=hint, at=self._at, **self._evidence())

    def _evidence(self) -> dict[str, Json]:
        view, change = self._view, self._change
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
            evidence["changed_by"] = change.commit.author
            evidence["changed_in"] = change.commit.hash
            evidence["changed_at"] = change.commit.when.isoformat()
            evidence["subject"] = change.commit.subject
            evidence["returns_to"] = change.returns_to.hash if change.returns_to else None
        return evidence


def _variable(pin: Pin) -> Subject:
    return Subject("variable", pin.variable)


def _last_change(variable: str, there: RemoteFile) -> PinChange | None:
    """Return the last change of a pin on the branch; None where the history here is cut off before it."""
    if there.problem is None:
        return next(iter(pin_changes(variable, there.commits, shallow=there.cut)), None)
    # What older commits held is not here: any change of the file may be one of the pin.
    return PinChange(there.commits[0], None) if there.commits and not there.cut else None


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
