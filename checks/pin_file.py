"""The pin file is the source of truth: sound in itself, and as committed."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from preflight import (
    About,
    Area,
    Check,
    Context,
    CouldNotLook,
    Finding,
    Need,
    Pin,
    Status,
    could_not_look,
    failed,
    passed,
    skipped,
    warned,
)
from preflight.envfile import (
    Assignment,
    EnvFile,
    EnvFileFolder,
    EnvFileMissing,
    EnvFileRefused,
    parse_env,
    read_env_file,
)
from preflight.git.model import FileState
from preflight.lib.reference import (
    ReferenceKind,
    ReferenceProblem,
    is_plain_reference,
    parse_reference,
    short_reference,
)
from preflight.lib.text import printable

_SENTINEL = "PREFLIGHT_SENTINEL"
_DIGEST = "sha256:<64 lower-case hexadecimal digits>"
# What is wrong with these is the digest, so what stands before it is no secret.
_SHOWN = {
    ReferenceKind.DIGEST_ALGORITHM,
    ReferenceKind.DIGEST_SHORT,
    ReferenceKind.DIGEST_LONG,
    ReferenceKind.DIGEST_UPPERCASE,
}


@dataclass(frozen=True)
class Settings:
    """Settings of `pin-file`.

    Args:
        allow_override: An override file may be there: this is a developer's machine, not production.
    """

    allow_override: bool = False


class PinFile(Check[Settings]):
    """Each pin stands once, by digest, in a committed file that nothing overrides."""

    about = About(
        id="pin-file",
        title="The pin file holds one digest, as committed",
        area=Area.PIN,
        tags=frozenset({"pin", "git"}),
        needs=frozenset({Need.PIN, Need.GIT}),
        asks=(
            "Is the pin file there, tracked by git and unmodified; does it define the variable exactly once, as "
            "name@sha256:<64 lower-case hex>, in the dialect that Compose reads; and does no override file beat it?"
        ),
        why=(
            "This file decides what runs. AgentImagePinGuard refuses to start the application on anything but a "
            "digest, so a tag here is an outage at the next restart; an uncommitted pin or an override is a rollout "
            "that nobody else can see."
        ),
        failures=(
            ("The file is missing, a folder or unreadable.", "Restore it: git checkout HEAD -- FILE."),
            ("The file is not tracked, or differs from the last commit.", "Commit it, or restore it."),
            ("Compose refuses the file (a quote left open, a space in a name).", "Correct the line that is named."),
            ("The variable is not defined, or more than once, or has no `=`.", "Leave exactly one NAME=value."),
            ("The value is empty, a tag, has no digest, or both tag and digest.", "Write name@sha256:<64 hex>."),
            ("The digest is short, in upper case, or not sha256.", "Copy it whole from the registry."),
            ("The value contains `$`: the shell can change it.", "Write it out."),
            ("The value contains white space or control characters.", "Remove them."),
            ("An override file defines the variable (warning: is there, but does not define it).", "Delete it."),
            ("An override file is committed, or not ignored by git (warning).", "git rm it; put it in .gitignore."),
            ("The file lies in a submodule that is at another commit.", "git submodule update, or commit it."),
            ("It is a link that leads out of the repository.", "Put the file itself there."),
            ("A line has a NUL character.", "Delete it: no container can be given that."),
            ("The files are in no git work tree (skipped).", "Look in the repository; Coolify's folders have no .git."),
        ),
    )
    settings_type = Settings

    def run(self, ctx: Context) -> Iterator[Finding]:
        """Judge each pin; what concerns a whole file, or a pin of several services, is said once."""
        seen: set[object] = set()

        def is_new(key: object) -> bool:
            known = key in seen
            seen.add(key)
            return not known

        for pin in ctx.pins:
            findings: list[Finding] = []
            file = _read(ctx, pin.file)
            if isinstance(file, Finding):
                findings += [file] if is_new(pin.file) else []
            else:
                findings += _definitions(ctx, pin, file) if is_new((pin.variable, pin.file)) else ()
                findings += _committed(ctx, pin.file) if is_new(pin.file) else ()
            for override in pin.overrides:
                findings += self._override(ctx, pin, override) if is_new((pin.variable, override)) else ()
                findings += _ignored(ctx, override) if is_new(override) else ()
            if {finding.status for finding in findings} & {Status.FAIL, Status.ERROR, Status.WARN}:
                findings = [finding for finding in findings if finding.status is not Status.PASS]
            yield from findings

    def _override(self, ctx: Context, pin: Pin, path: Path) -> Iterator[Finding]:
        shown = ctx.show(path)
        try:
            beaten = read_env_file(path).last(pin.variable)
        except EnvFileMissing:
            return
        except CouldNotLook as error:
            yield could_not_look(f"the override {printable(error.message)}", hint=f"Delete {shown}.", at=ctx.at(path))
            return
        if self.settings.allow_override:
            if beaten:
                yield warned(
                    f"{pin.variable} is overridden by {shown} (allow_override)",
                    hint=f"Delete {shown} to run the pinned image.",
                    at=ctx.at(path, beaten.line),
                )
        elif beaten:
            yield failed(
                f"the override {shown} defines {pin.variable}: it beats the pin",
                hint=f"Delete {shown}, or set allow_override for pin-file on a developer's machine.",
                at=ctx.at(path, beaten.line),
            )
        else:
            yield warned(
                f"the override {shown} is there, though it does not define {pin.variable}",
                hint=f"Delete {shown}: it belongs on developers' machines only.",
                at=ctx.at(path),
            )


def _read(ctx: Context, path: Path) -> EnvFile | Finding:
    """Return the pin file, or what is wrong with it as a whole."""
    shown, at = ctx.show(path), ctx.at(path)
    restore = f"git checkout HEAD -- {shlex.quote(shown)}"
    try:
        file = read_env_file(path)
    except EnvFileMissing:
        return failed(f"the pin file {shown} is missing", hint=f"Restore it: {restore}", at=at)
    except EnvFileFolder:
        return failed(
            f"the pin file {shown} is a folder (Docker makes one for a bind mount that is missing)",
            hint=f"rm -r {shlex.quote(shown)}; then restore it: {restore}",
            at=at,
        )
    except EnvFileRefused as error:
        return failed(
            f"Compose refuses the pin file: {error.reason}",
            hint=f"Correct line {error.line} of {shown}.",
            at=ctx.at(path, error.line),
        )
    except CouldNotLook as error:
        return could_not_look(error.message, hint=error.hint, at=at)
    for each in file.assignments:
        if "\0" in f"{each.name}{each.value}":
            return failed(
                f"{shown} has a NUL character: no container can be given that",
                hint=f"Delete it from line {each.line}, or restore the file: {restore}",
                at=ctx.at(path, each.line),
            )
    return file


def _definitions(ctx: Context, pin: Pin, file: EnvFile) -> Iterator[Finding]:
    """Judge how often the variable is defined, then the value that counts: the last."""
    found = file.all(pin.variable)
    if not found:
        yield failed(
            f"{pin.variable} is not defined in {ctx.show(pin.file)}{_similar(pin, file)}",
            hint=f"Add the line {pin.variable}=<name>@{_DIGEST}",
            at=ctx.at(pin.file),
        )
        return
    if len(found) > 1:
        lines = ", ".join(str(each.line) for each in found)
        yield failed(
            f"{pin.variable} is defined {len(found)} times (lines {lines}); the last one counts",
            hint="Delete all lines but one.",
            at=ctx.at(pin.file, found[1].line),
        )
    yield _value(ctx, pin, found[-1])


def _similar(pin: Pin, file: EnvFile) -> str:
    """Name what was probably meant, e.g. the same name in lower case."""
    names = (each for each in file.assignments if each.name.casefold() == pin.variable.casefold())
    match = next(names, None)
    return f"; line {match.line} has it in other letters: {printable(match.name)}" if match else ""


def _value(ctx: Context, pin: Pin, found: Assignment) -> Finding:
    name, at = pin.variable, ctx.at(pin.file, found.line)
    if found.value is None:
        return failed(f"{name} stands without '=': it takes the shell's value", hint=f"Write {name}=…", at=at)
    if found.references:
        others = printable(", ".join(found.references))
        return failed(
            f"{name} interpolates ${others}: whatever is set outside changes the pin",
            hint=f"Write the value out, without $: <name>@{_DIGEST}",
            at=at,
        )
    hint = f"Write {name}=<name>@{_DIGEST}"
    try:
        reference = parse_reference(found.value)
    except ReferenceProblem as problem:
        message = "the value contains a '$'" if "$" in found.value else problem.message
        evidence = printable(found.value) if problem.kind in _SHOWN else ""
        return failed(f"{name} is no digest-pinned image: {message}", hint=hint, at=at, value=evidence)
    value = printable(found.value)
    if reference.digest is None:
        sure = is_plain_reference(found.value)  # "word" and "word:word" parse as well, and so does a password
        tag = f"the tag '{reference.tag}'" if sure else "a tag"
        what = tag if reference.tag else "an image without tag or digest"
        ask = f"; the digest: docker buildx imagetools inspect {reference.name}:{reference.tag or 'latest'}"
        return failed(
            f"{name} is {what}, not a digest: AgentImagePinGuard refuses to start on it",
            hint=f"{hint}{ask if sure else ''}",
            at=at,
            value=value if sure else "",
        )
    if reference.tag is not None:
        return failed(
            f"{name} has both the tag '{reference.tag}' and a digest",
            hint=f"Remove ':{reference.tag}': {reference.name}@{reference.digest}",
            at=at,
            value=value,
        )
    return passed(f"{name} is pinned by digest: {short_reference(value)}", at=at, value=value)


def _committed(ctx: Context, path: Path) -> Iterator[Finding]:
    """Judge how the pin file stands to git; a link is judged itself, then where it leads."""
    *links, file = ctx.doors.git.places(path)
    inside = False
    for place in (*links, file):
        try:
            state = ctx.doors.git.state(place, ctx.deadline)
            finding = _judge_state(ctx, place, state) if state.root is not None else None
        except CouldNotLook as error:
            yield could_not_look(error.message, hint=error.hint, at=ctx.at(place))
            return
        if state.root is None and place is file:
            finding = _outside(ctx, path, file, linked=inside)
        if finding is not None:
            yield finding
            return
        inside |= state.root is not None


def _outside(ctx: Context, path: Path, file: Path, *, linked: bool) -> Finding:
    """Judge a file that git does not keep: behind a link that git does keep, it only looks committed."""
    if linked:
        return failed(
            f"{ctx.show(path)} is a link that leads out of the repository, so the pin is not committed",
            hint=f"Put the file itself there: cp --remove-destination {shlex.quote(str(file))} {ctx.show(path)}",
            at=ctx.at(path),
        )
    return skipped(
        f"{ctx.show(file)} is not in a git work tree: whether the pin is committed was not looked at",
        hint="Look in the repository; a folder that Coolify deploys to has no .git.",
        at=ctx.at(file),
    )


def _judge_state(ctx: Context, path: Path, state: FileState) -> Finding | None:
    shown, at = ctx.show(path), ctx.at(path)
    if not state.tracked:
        ignored = ctx.doors.git.is_ignored(path, ctx.deadline)
        force = "-f " if ignored else ""
        return failed(
            f"{shown} is not tracked by git{' but ignored' if ignored else ''}",
            hint=f"git add {force}{shlex.quote(shown)} && git commit",
            at=at,
        )
    if not state.modified:
        return _moved_submodule(ctx, path)
    if not state.staged and not state.conflict and _only_sentinel(ctx, path):
        return warned(
            f"{shown} differs from the last commit by an armed sentinel only",
            hint="After the deployment: preflight sentinel disarm",
            at=at,
        )
    file = shlex.quote(shown)
    return failed(
        f"{shown} {_difference(state)}",
        hint=f"Look: git diff HEAD -- {file}; then commit it, or restore it: git checkout HEAD -- {file}",
        at=at,
    )


def _moved_submodule(ctx: Context, path: Path) -> Finding | None:
    """Judge a file that is as committed in its submodule, but perhaps not as the repository around that has it."""
    tree = ctx.doors.git.moved_submodule(path, ctx.deadline)
    if tree is None:
        return None
    root = shlex.quote(ctx.show(tree.root))
    return failed(
        f"{ctx.show(path)} lies in the submodule {ctx.show(tree.root)}, which is not at the commit that is recorded",
        hint=f"git submodule update {root}; or record what is there: git add {root} && git commit",
        at=ctx.at(path),
    )


def _difference(state: FileState) -> str:
    if state.conflict:
        return "has an unresolved merge conflict"
    if not state.committed:
        return "was added to git but never committed"
    if state.staged:
        return "has a staged change that is not committed"
    return "differs from the last commit"


def _only_sentinel(ctx: Context, path: Path) -> bool:
    """Whether the file says the same as the last commit, but for the line that `preflight sentinel arm` adds."""
    history = ctx.doors.git.history(path, 1, ctx.deadline)
    try:
        now = read_env_file(path)
        before = parse_env(history[0].text) if history else ()
    except (CouldNotLook, ValueError):
        return False
    rest = [(each.name, each.value) for each in now.assignments if each.name != _SENTINEL]
    return now.last(_SENTINEL) is not None and rest == [(each.name, each.value) for each in before]


def _ignored(ctx: Context, path: Path) -> Iterator[Finding]:
    """Judge whether an override can get into a commit, whether or not it is there today."""
    shown, at = ctx.show(path), ctx.at(path)
    try:
        if not _is_folder(path.parent):
            return
        state = ctx.doors.git.state(path, ctx.deadline)
        if state.root is None:
            return
        if state.tracked or state.committed:
            yield failed(
                f"the override {shown} is committed: it beats the pin on every machine",
                hint=f"git rm --cached {shlex.quote(shown)} && git commit, and add it to .gitignore",
                at=at,
            )
        elif not ctx.doors.git.is_ignored(path, ctx.deadline):
            yield warned(
                f"the override {shown} is not ignored by git: one `git add` commits it",
                hint=f"Add {path.name} to {ctx.show(path.parent / '.gitignore')}",
                at=at,
            )
    except CouldNotLook as error:
        yield could_not_look(error.message, hint=error.hint, at=at)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except PermissionError:
        return False  # reading the override has said so
