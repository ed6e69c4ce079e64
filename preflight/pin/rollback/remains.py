"""What a rollback leaves to be done: it changes one line in git, and nothing that runs or is tagged."""

from collections.abc import Iterator, Sequence

from preflight.context import Context
from preflight.errors import CouldNotLook
from preflight.git.command import GitCommand
from preflight.git.mentions import files_with_images
from preflight.lib.records import frozen
from preflight.lib.text import plural, printable
from preflight.lib.versions import Version, parse_release_tag
from preflight.pin.history import HistoryRow, TagState, read_history
from preflight.pin.rollback.target import Step, value_of_change
from preflight.project import Pin
from preflight.releases.names import find_releases
from preflight.releases.timeline import PinChange

_NAMED = 10


@frozen
class Remaining:
    """One thing that remains.

    Args:
        kind: "container", "tag", "file", "release", "ui" or "unknown" (what could not be looked at).
        text: For people.
    """

    kind: str
    text: str


def what_remains(
    ctx: Context, pin: Pin, step: Step, changes: Sequence[PinChange], *, in_ui: bool
) -> tuple[Remaining, ...]:
    """Return what is still to be done after a rollback; what cannot be asked is named, and stops nothing.

    Args:
        ctx: For the doors; with ``options.offline`` no registry is asked.
        pin: The pin.
        step: From where to where.
        changes: The changes of the pin, newest first.
        in_ui: The variable in Coolify's UI has to change, and nobody does it.
    """
    found: list[Remaining] = []
    try:
        history = read_history(ctx, pin, 1)
        rows, problems = history.rows, history.problems
    except CouldNotLook as error:
        rows, problems = (), (error,)
    for row in rows:
        found += _of_row(ctx, row)
    found += _files(ctx, step)
    if (release := next_patch(ctx, step.present.release, changes)) is not None:
        text = f"cut {release} with the fix; {step.present.release} stays what it is"
        found.append(Remaining("release", text))
    if in_ui:
        value = value_of_change(step.target, pin.variable)
        where = "in Coolify's UI (Environment Variables)"
        text = f"set {pin.variable} {where} to {value}, since containers get it from there; --ui does it"
        found.append(Remaining("ui", text))
    found += [Remaining("unknown", f"not looked at: {printable(problem.message)}") for problem in problems]
    return tuple(dict.fromkeys(found))


def next_patch(ctx: Context, release: str, changes: Sequence[PinChange]) -> str | None:
    """Return the version after the newest known one of a release's major and minor version.

    Args:
        ctx: For git's tags.
        release: The release that was rolled back from; empty where no commit names one.
        changes: The changes of the pin: what was pinned is taken, tagged or not.

    Returns:
        None where the release has no name.
    """
    bad = parse_release_tag(release)
    if bad is None:
        return None
    try:
        tags = ctx.doors.git.tags(ctx.deadline)
    except CouldNotLook:
        tags = ()
    names = [*tags, release, *(change.release for change in changes if change.release)]
    same = [each.version for each in find_releases(names) if each.version.number[:2] == bad.number[:2]]
    major, minor, patch = max(version.number for version in same)
    return str(Version("", (major, minor, patch + 1)))


def _of_row(ctx: Context, row: HistoryRow) -> Iterator[Remaining]:
    release = row.change.release
    if row.running:
        names = ", ".join(printable(name, 80) for name in row.running[:_NAMED])
        count = plural(len(row.running), "container")
        text = f"{count} here still {'has' if len(row.running) == 1 else 'have'} the old pin until the rollout: {names}"
        yield Remaining("container", text)
    if row.tag is TagState.SAME:
        yield Remaining("tag", f"the image tag {release} still points at the old digest; whoever pulls by tag gets it")
    if ctx.options.offline:
        yield Remaining("unknown", "not looked at (--offline): what the image tag of the old release points at")


def _files(ctx: Context, step: Step) -> Iterator[Remaining]:
    image, release = step.present.image, step.present.release
    if image is None or not release:
        return
    names = [f"{image.repository}:{tag}" for tag in (release, f"v{release}")]
    try:
        root = ctx.doors.git.root(ctx.deadline)
        if root is None:
            return
        files = files_with_images(GitCommand(ctx.environ), root, names, ctx.deadline)
    except CouldNotLook as error:
        yield Remaining("unknown", f"not looked at: files that name the image by tag: {printable(error.message)}")
        return
    for name, line in files[:_NAMED]:
        where = printable(ctx.show(root / name), 120)
        yield Remaining("file", f"{where}:{line} names the image by the tag {release}")
    if len(files) > _NAMED:
        yield Remaining("file", f"and {len(files) - _NAMED} other files name the image by that tag")
