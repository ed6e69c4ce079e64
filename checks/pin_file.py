"""The pin file is the source of truth: sound in itself, and as committed."""

import shlex
from collections.abc import Iterator
from pathlib import Path

from preflight import (
    About,
    Area,
    Check,
    Context,
    CouldNotLook,
    Failure,
    Finding,
    Location,
    Need,
    Pin,
    Status,
    Subject,
    could_not_look,
    passed,
    setting,
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
from preflight.lib.records import frozen
from preflight.lib.reference import (
    ImageReference,
    ReferenceKind,
    ReferenceProblem,
    is_plain_reference,
    parse_reference,
    short_reference,
)
from preflight.lib.text import printable
from preflight.pins.sentinel import SENTINEL

_DIGEST = "sha256:<64 lower-case hexadecimal digits>"
# What is wrong with these is the digest, so what stands before it is no secret.
_SHOWN = {
    ReferenceKind.DIGEST_ALGORITHM,
    ReferenceKind.DIGEST_SHORT,
    ReferenceKind.DIGEST_LONG,
    ReferenceKind.DIGEST_UPPERCASE,
}

_BLIND = frozenset({Need.PIN})
"""With any of these nobody can tell which image the pin means."""

MISSING = Failure("missing", "The pin file is missing.", "Restore it: git checkout HEAD -- FILE.", explains=_BLIND)
FOLDER = Failure(
    "folder",
    "There is a folder in place of the pin file; Docker makes one for a bind mount that is missing.",
    "Remove the folder and restore the file.",
    explains=_BLIND,
)
REFUSED = Failure("refused", "Compose refuses the pin file.", "Correct the line that is named.", explains=_BLIND)
NUL = Failure("nul", "A line has a NUL character, which no container can be given.", "Delete it.", explains=_BLIND)
UNDEFINED = Failure("undefined", "The variable is not defined.", "Add the line NAME=IMAGE@sha256:…", explains=_BLIND)
DUPLICATE = Failure("duplicate", "The variable is defined more than once.", "Delete all lines but one.")
BARE = Failure(
    "bare", "The variable has no `=`, so it takes its value from the shell.", "Write NAME=VALUE.", explains=_BLIND
)
INTERPOLATED = Failure(
    "interpolated",
    "The value contains `$`, so a variable outside the file can change it.",
    "Write the value out.",
    explains=_BLIND,
)
NO_REFERENCE = Failure(
    "no-reference",
    "The value is no image reference: empty, with white space, or with a malformed digest.",
    "Write IMAGE@sha256: and all 64 hexadecimal digits, as the registry has them.",
    explains=_BLIND,
)
TAG = Failure(
    "tag",
    "The value is a tag or has no digest, so what it means can change.",
    "Write IMAGE@sha256:…, with the digest that the registry has for the tag.",
    explains=_BLIND,
)
TAG_AND_DIGEST = Failure("tag-and-digest", "The value has both a tag and a digest.", "Remove the tag.")
UNTRACKED = Failure("untracked", "Git does not track the pin file.", "Add it and commit it.")
UNCOMMITTED = Failure(
    "uncommitted",
    "The pin file differs from the last commit, so others cannot see what this host would deploy.",
    "Commit the change, or restore the file.",
)
SENTINEL_ARMED = Failure(
    "sentinel-armed",
    "The pin file differs from the last commit by an armed sentinel only.",
    "After the deployment, run: preflight sentinel disarm",
    Status.WARN,
    Status.WARN,
)
SUBMODULE = Failure(
    "submodule",
    "The pin file lies in a submodule that is not at the recorded commit.",
    "Run git submodule update, or commit the submodule as it is.",
)
LINK_OUTSIDE = Failure(
    "link-outside", "The pin file is a link that leads out of the repository.", "Put the file itself there."
)
NO_GIT = Failure(
    "no-git",
    "There is no git around the pin file, so nothing proves that the pin is the committed one.",
    "Run preflight in the checkout. Where there never is one, write git: false into preflight.yaml.",
    Status.ERROR,
    Status.ERROR,
    waivable=False,
)
OVERRIDE = Failure("override", "An override file defines the variable.", "Delete the override file.")
OVERRIDE_ALLOWED = Failure(
    "override-allowed",
    "An override file defines the variable, and the settings allow that.",
    "Delete the override file to run the pinned image.",
    Status.WARN,
    Status.WARN,
)
OVERRIDE_PRESENT = Failure(
    "override-present",
    "An override file exists, though it does not define the variable.",
    "Delete it: override files belong on developers' machines.",
    Status.WARN,
    Status.WARN,
)
OVERRIDE_COMMITTED = Failure(
    "override-committed",
    "An override file is committed, so it overrides the pin on every machine.",
    "Run git rm --cached FILE, commit, and add it to .gitignore.",
)
OVERRIDE_NOT_IGNORED = Failure(
    "override-not-ignored",
    "Git does not ignore the override file, so one `git add` commits it.",
    "Add it to .gitignore.",
    Status.WARN,
    Status.WARN,
)


@frozen
class Settings:
    """Settings of `pin-file`."""

    allow_override: bool = setting(
        default=False, meaning="An override file may exist: this is a developer's machine, not production."
    )


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
            "name@sha256:<64 lower-case hex>, in the dialect that Compose reads; and does no override file define it?"
        ),
        why=(
            "This file decides what runs. A tag can be moved, so it pins nothing, and an application that checks its "
            "own pin refuses to start on one. Nobody else can see an uncommitted pin or an override."
        ),
        failures=(
            MISSING,
            FOLDER,
            REFUSED,
            NUL,
            UNDEFINED,
            DUPLICATE,
            BARE,
            INTERPOLATED,
            NO_REFERENCE,
            TAG,
            TAG_AND_DIGEST,
            UNTRACKED,
            UNCOMMITTED,
            SENTINEL_ARMED,
            SUBMODULE,
            LINK_OUTSIDE,
            NO_GIT,
            OVERRIDE,
            OVERRIDE_ALLOWED,
            OVERRIDE_PRESENT,
            OVERRIDE_COMMITTED,
            OVERRIDE_NOT_IGNORED,
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
                findings += _committed(ctx, pin.file) if ctx.options.git and is_new(pin.file) else ()
            for override in pin.overrides:
                findings += self._override(ctx, pin, override) if is_new((pin.variable, override)) else ()
                findings += _ignored(ctx, override) if is_new(override) else ()
            if {finding.status for finding in findings} & {Status.FAIL, Status.ERROR, Status.WARN}:
                findings = [finding for finding in findings if finding.status is not Status.PASS]
            yield from findings

    def _override(self, ctx: Context, pin: Pin, path: Path) -> Iterator[Finding]:
        shown = ctx.show(path)
        try:
            defined = read_env_file(path).last(pin.variable)
        except EnvFileMissing:
            return
        except CouldNotLook as error:
            yield could_not_look(f"the override {printable(error.message)}", hint=f"Delete {shown}.", at=ctx.at(path))
            return
        if self.settings.allow_override:
            if defined:
                yield ctx.found(
                    OVERRIDE_ALLOWED,
                    f"{shown} overrides {pin.variable} (allow_override)",
                    _variable(pin),
                    hint=f"Delete {shown} to run the pinned image.",
                    at=ctx.at(path, defined.line),
                )
        elif defined:
            yield ctx.found(
                OVERRIDE,
                f"{shown} defines {pin.variable}: it overrides the pin",
                _variable(pin),
                hint=f"Delete {shown}, or set allow_override for pin-file on a developer's machine.",
                at=ctx.at(path, defined.line),
            )
        else:
            yield ctx.found(
                OVERRIDE_PRESENT,
                f"the override {shown} exists, though it does not define {pin.variable}",
                Subject("file", shown),
                hint=f"Delete {shown}: override files belong on developers' machines.",
                at=ctx.at(path),
            )


def _variable(pin: Pin) -> Subject:
    return Subject("variable", pin.variable)


def _read(ctx: Context, path: Path) -> EnvFile | Finding:
    """Return the pin file, or what is wrong with it as a whole."""
    shown, at = ctx.show(path), ctx.at(path)
    subject = Subject("file", shown)
    restore = f"git checkout HEAD -- {shlex.quote(shown)}"
    try:
        file = read_env_file(path)
    except EnvFileMissing:
        return _missing(ctx, path, restore)
    except EnvFileFolder:
        message = f"the pin file {shown} is a folder (Docker makes one for a bind mount that is missing)"
        hint = f"rm -r {shlex.quote(shown)}; then restore it: {restore}"
        return ctx.found(FOLDER, message, subject, hint=hint, at=at)
    except EnvFileRefused as error:
        message, hint = f"Compose refuses the pin file: {error.reason}", f"Correct line {error.line} of {shown}."
        return ctx.found(REFUSED, message, subject, hint=hint, at=ctx.at(path, error.line))
    except CouldNotLook as error:
        return could_not_look(error.message, subject, Need.PIN, hint=error.hint, at=at)
    for each in file.assignments:
        if "\0" in f"{each.name}{each.value}":
            message = f"{shown} has a NUL character, which no container can be given"
            hint = f"Delete it from line {each.line}, or restore the file: {restore}"
            return ctx.found(NUL, message, subject, hint=hint, at=ctx.at(path, each.line))
    return file


def _missing(ctx: Context, path: Path, restore: str) -> Finding:
    """Return the finding for a pin file that is not there."""
    shown = ctx.show(path)
    message, hint = f"the pin file {shown} is missing", f"Restore it: {restore}"
    try:
        if ctx.doors.git.is_left_out(path, ctx.deadline):
            message = f"the pin file {shown} is missing: a sparse checkout leaves it out"
            hint = f"Add its folder: git sparse-checkout add {shlex.quote(ctx.show(path.parent))}"
    except CouldNotLook as problem:
        return could_not_look(f"{message}; {problem.message}", Subject("file", shown), Need.PIN, hint=problem.hint)
    return ctx.found(MISSING, message, Subject("file", shown), hint=hint, at=ctx.at(path))


def _definitions(ctx: Context, pin: Pin, file: EnvFile) -> Iterator[Finding]:
    """Judge how often the variable is defined, then the value that counts: the last."""
    found = file.all(pin.variable)
    if not found:
        yield ctx.found(
            UNDEFINED,
            f"{pin.variable} is not defined in {ctx.show(pin.file)}{_similar(pin, file)}",
            _variable(pin),
            hint=f"Add the line {pin.variable}=<name>@{_DIGEST}",
            at=ctx.at(pin.file),
        )
        return
    if len(found) > 1:
        lines = ", ".join(str(each.line) for each in found)
        yield ctx.found(
            DUPLICATE,
            f"{pin.variable} is defined {len(found)} times (lines {lines}); the last one counts",
            _variable(pin),
            at=ctx.at(pin.file, found[1].line),
        )
    yield _value(ctx, pin, found[-1])


def _similar(pin: Pin, file: EnvFile) -> str:
    """Name what was probably meant, e.g. the same name in lower case."""
    names = (each for each in file.assignments if each.name.casefold() == pin.variable.casefold())
    match = next(names, None)
    return f"; line {match.line} has it in other letters: {printable(match.name)}" if match else ""


def _value(ctx: Context, pin: Pin, found: Assignment) -> Finding:
    name, at, subject = pin.variable, ctx.at(pin.file, found.line), _variable(pin)
    if found.value is None:
        message = f"{name} has no '=', so it takes its value from the shell"
        return ctx.found(BARE, message, subject, hint=f"Write {name}=…", at=at)
    if found.references:
        message = f"{name} interpolates ${printable(', '.join(found.references))}: a variable outside changes the pin"
        hint = f"Write the value out, without $: <name>@{_DIGEST}"
        return ctx.found(INTERPOLATED, message, subject, hint=hint, at=at)
    try:
        reference = parse_reference(found.value)
    except ReferenceProblem as problem:
        reason = "the value contains a '$'" if "$" in found.value else problem.message
        evidence = printable(found.value) if problem.kind in _SHOWN else ""
        message, hint = f"{name} is no digest-pinned image: {reason}", f"Write {name}=<name>@{_DIGEST}"
        return ctx.found(NO_REFERENCE, message, subject, hint=hint, at=at, value=evidence)
    value = printable(found.value)
    if reference.digest is None:
        return _tag(ctx, pin, reference, at, sure=is_plain_reference(found.value))
    if reference.tag is not None:
        message = f"{name} has both the tag '{reference.tag}' and a digest"
        hint = f"Remove ':{reference.tag}': {reference.name}@{reference.digest}"
        return ctx.found(TAG_AND_DIGEST, message, subject, hint=hint, at=at, value=value)
    return passed(
        f"pinned by digest: {short_reference(value).rpartition('@')[2]} for {name}", subject, at=at, value=value
    )


def _tag(ctx: Context, pin: Pin, reference: ImageReference, at: Location, *, sure: bool) -> Finding:
    """Return the finding for a value without a digest; one that may be a password is not quoted.

    "word" and "word:word" parse as references as well, and so does a password.
    """
    tag = f"the tag '{reference.tag}'" if sure else "a tag"
    what = tag if reference.tag else "an image without tag or digest"
    ask = f"; the digest: docker buildx imagetools inspect {reference.name}:{reference.tag or 'latest'}"
    return ctx.found(
        TAG,
        f"{pin.variable} is {what}, not a digest",
        _variable(pin),
        hint=f"Write {pin.variable}=<name>@{_DIGEST}{ask if sure else ''}",
        at=at,
        value=str(reference) if sure else "",
    )


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
        return ctx.found(
            LINK_OUTSIDE,
            f"{ctx.show(path)} is a link that leads out of the repository, so the pin is not committed",
            Subject("file", ctx.show(path)),
            hint=f"Put the file itself there: cp --remove-destination {shlex.quote(str(file))} {ctx.show(path)}",
            at=ctx.at(path),
        )
    message = f"{ctx.show(file)} is in no git work tree, so nothing proves that the pin is the committed one"
    return ctx.found(NO_GIT, message, Subject("file", ctx.show(file)), at=ctx.at(file))


def _judge_state(ctx: Context, path: Path, state: FileState) -> Finding | None:
    shown, at = ctx.show(path), ctx.at(path)
    subject = Subject("file", shown)
    if not state.tracked:
        ignored = ctx.doors.git.is_ignored(path, ctx.deadline)
        message = f"git does not track {shown}{', it ignores it' if ignored else ''}"
        hint = f"git add {'-f ' if ignored else ''}{shlex.quote(shown)} && git commit"
        return ctx.found(UNTRACKED, message, subject, hint=hint, at=at)
    if not state.modified:
        return _moved_submodule(ctx, path)
    if not state.staged and not state.conflict and _only_sentinel(ctx, path):
        message = f"{shown} differs from the last commit by an armed sentinel only"
        return ctx.found(SENTINEL_ARMED, message, subject, at=at)
    file = shlex.quote(shown)
    hint = f"Look: git diff HEAD -- {file}; then commit it, or restore it: git checkout HEAD -- {file}"
    return ctx.found(UNCOMMITTED, f"{shown} {_difference(state)}", subject, hint=hint, at=at)


def _moved_submodule(ctx: Context, path: Path) -> Finding | None:
    """Judge a file that is as committed in its submodule, but perhaps not as the repository around that has it."""
    tree = ctx.doors.git.moved_submodule(path, ctx.deadline)
    if tree is None:
        return None
    root = shlex.quote(ctx.show(tree.root))
    return ctx.found(
        SUBMODULE,
        f"{ctx.show(path)} lies in the submodule {ctx.show(tree.root)}, which is not at the recorded commit",
        Subject("file", ctx.show(path)),
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
    """Whether the file says the same as the last commit, except for the line that `preflight sentinel arm` adds."""
    history = ctx.doors.git.history(path, 1, ctx.deadline)
    try:
        now = read_env_file(path)
        before = parse_env(history[0].text) if history else ()
    except (CouldNotLook, ValueError):
        return False
    rest = [(each.name, each.value) for each in now.assignments if each.name != SENTINEL]
    return now.last(SENTINEL) is not None and rest == [(each.name, each.value) for each in before]


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
            yield ctx.found(
                OVERRIDE_COMMITTED,
                f"the override {shown} is committed: it overrides the pin on every machine",
                Subject("file", shown),
                hint=f"git rm --cached {shlex.quote(shown)} && git commit, and add it to .gitignore",
                at=at,
            )
        elif not ctx.doors.git.is_ignored(path, ctx.deadline):
            yield ctx.found(
                OVERRIDE_NOT_IGNORED,
                f"git does not ignore the override {shown}: one `git add` commits it",
                Subject("file", shown),
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
