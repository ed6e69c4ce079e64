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
    Json,
    Need,
    Pin,
    Status,
    Subject,
    could_not_look,
    passed,
    setting,
)
from preflight.envfile import Assignment, EnvFile, EnvFileFolder, EnvFileMissing, EnvFileRefused, read_env_file
from preflight.lib.records import frozen
from preflight.lib.reference import short_reference
from preflight.lib.text import printable
from preflight.pins.fault import PINNED, FaultKind, PinFault, judge_value
from preflight.pins.in_git import PinInGit, Standing, override_in_git, pin_in_git

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

_FAULTS = {
    FaultKind.BARE: BARE,
    FaultKind.INTERPOLATED: INTERPOLATED,
    FaultKind.NO_REFERENCE: NO_REFERENCE,
    FaultKind.TAG: TAG,
    FaultKind.TAG_AND_DIGEST: TAG_AND_DIGEST,
}
_STANDINGS = {
    Standing.UNTRACKED: UNTRACKED,
    Standing.IGNORED: UNTRACKED,
    Standing.DIFFERENT: UNCOMMITTED,
    Standing.ARMED: SENTINEL_ARMED,
    Standing.SUBMODULE: SUBMODULE,
    Standing.LINK_OUTSIDE: LINK_OUTSIDE,
    Standing.OUTSIDE: NO_GIT,
}


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
            hint=f"Add the line {pin.variable}={PINNED}",
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
    at, subject = ctx.at(pin.file, found.line), _variable(pin)
    judged = judge_value(pin.variable, found)
    if isinstance(judged, PinFault):
        evidence: dict[str, Json] = {"value": judged.shown} if judged.shown else {}
        return ctx.found(_FAULTS[judged.kind], judged.message, subject, hint=judged.hint, at=at, **evidence)
    value = printable(str(judged))
    words = f"pinned by digest: {short_reference(value).rpartition('@')[2]} for {pin.variable}"
    return passed(words, subject, at=at, value=value)


def _committed(ctx: Context, path: Path) -> Iterator[Finding]:
    """Judge how the pin file stands to git; a link is judged itself, then where it leads."""
    try:
        found = pin_in_git(ctx, path)
    except CouldNotLook as error:
        yield could_not_look(error.message, hint=error.hint, at=ctx.at(path))
        return
    if found.standing is Standing.COMMITTED:
        return
    # what leads out of the repository is put right where the link is
    place = path if found.standing is Standing.LINK_OUTSIDE else found.place
    message, hint = _not_committed(ctx, found, ctx.show(place))
    failure = _STANDINGS[found.standing]
    yield ctx.found(failure, message, Subject("file", ctx.show(place)), hint=hint, at=ctx.at(place))


def _not_committed(ctx: Context, found: PinInGit, shown: str) -> tuple[str, str]:
    """Return what to say of a pin file that is not as committed, and what to do; "" for what the failure says."""
    file = shlex.quote(shown)
    match found.standing:
        case Standing.UNTRACKED | Standing.IGNORED:
            also, force = (", it ignores it", "-f ") if found.standing is Standing.IGNORED else ("", "")
            return f"git does not track {shown}{also}", f"git add {force}{file} && git commit"
        case Standing.ARMED:
            return f"{shown} differs from the last commit by an armed sentinel only", ""
        case Standing.SUBMODULE:
            tree = ctx.show(found.submodule or found.place)
            root = shlex.quote(tree)
            hint = f"git submodule update {root}; or record what is there: git add {root} && git commit"
            return f"{shown} lies in the submodule {tree}, which is not at the recorded commit", hint
        case Standing.LINK_OUTSIDE:
            hint = f"Put the file itself there: cp --remove-destination {shlex.quote(str(found.place))} {shown}"
            return f"{shown} is a link that leads out of the repository, so the pin is not committed", hint
        case Standing.OUTSIDE:
            return f"{shown} is in no git work tree, so nothing proves that the pin is the committed one", ""
        case _:
            hint = f"Look: git diff HEAD -- {file}; then commit it, or restore it: git checkout HEAD -- {file}"
            return f"{shown} {found.state.difference}", hint


def _ignored(ctx: Context, path: Path) -> Iterator[Finding]:
    """Judge whether an override can get into a commit, whether or not it is there today."""
    shown, at = ctx.show(path), ctx.at(path)
    subject = Subject("file", shown)
    try:
        standing = override_in_git(ctx, path)
    except CouldNotLook as error:
        yield could_not_look(error.message, hint=error.hint, at=at)
        return
    if standing is Standing.COMMITTED:
        message = f"the override {shown} is committed: it overrides the pin on every machine"
        hint = f"git rm --cached {shlex.quote(shown)} && git commit, and add it to .gitignore"
        yield ctx.found(OVERRIDE_COMMITTED, message, subject, hint=hint, at=at)
    elif standing is Standing.UNTRACKED:
        message = f"git does not ignore the override {shown}: one `git add` commits it"
        hint = f"Add {path.name} to {ctx.show(path.parent / '.gitignore')}"
        yield ctx.found(OVERRIDE_NOT_IGNORED, message, subject, hint=hint, at=at)
