"""The commit that takes a pin back: one that git itself knows as a revert, where that is true."""

import re

from preflight.git.command import GitCommand
from preflight.git.contents import file_in
from preflight.git.details import commit_details
from preflight.git.one_file import place_of
from preflight.lib.deadline import Deadline
from preflight.lib.records import frozen
from preflight.lib.reference import short_digest
from preflight.lib.regex import regex
from preflight.pin.line import replace_value, value_of
from preflight.pin.refusal import Refused
from preflight.pin.rollback.target import Step, value_of_change
from preflight.project import Pin

_SKIPS_COOLIFY = regex(r"\[skip (?:ci|cd)\]", re.IGNORECASE)
_SKIPS_ACTIONS = "[skip actions]"
_REVERT = 'Revert "'


@frozen
class Message:
    """What the commit says.

    Args:
        text: The whole message.
        is_revert: Whether it undoes one commit, and nothing else.
        replaced: The marker in the subject that would have kept Coolify from deploying; empty without one.
    """

    text: str
    is_revert: bool
    replaced: str = ""


def message_for(git: GitCommand, pin: Pin, step: Step, deadline: Deadline) -> Message:
    """Return the message of the commit that takes a pin back.

    Args:
        git: How git is called.
        pin: The pin.
        step: From where to where.
        deadline: When git must have answered.

    Raises:
        CouldNotLook: Git cannot read the commit.
    """
    bad = step.present.commit
    if not is_undone(git, pin, step, deadline):
        target = step.target
        what = f"the image pinned for {target.release}" if target.release else short_digest(target.digest)
        body = f"Commit {target.commit.hash} pinned it."
        return Message(f"Roll back to {what} {_SKIPS_ACTIONS}\n\n{body}", is_revert=False)
    subject = reverted(commit_details(git, pin.file.parent, bad.hash, deadline).subject)
    found = _SKIPS_COOLIFY.search(subject)
    subject = _SKIPS_COOLIFY.sub(_SKIPS_ACTIONS, subject)
    return Message(f"{subject}\n\nThis reverts commit {bad.hash}.", is_revert=True, replaced=found[0] if found else "")


def reverted(subject: str) -> str:
    """Return the subject that ``git revert`` gives (sequencer.c, from git 2.43 on with "Reapply" for a second one)."""
    inner = subject.removeprefix(_REVERT)
    if inner != subject and not inner.startswith(_REVERT):
        return f'Reapply "{inner}'
    return f'{_REVERT}{subject}"'


def is_undone(git: GitCommand, pin: Pin, step: Step, deadline: Deadline) -> bool:
    """Whether to go to the target is to undo the commit that made the present pin, and nothing more or less.

    Raises:
        CouldNotLook: Git cannot read the commit.
    """
    bad = step.present.commit.hash
    details = commit_details(git, pin.file.parent, bad, deadline)
    if len(details.parents) != 1 or details.files != (place_of(git, pin.file, deadline),):
        return False
    [before, after] = file_in(git, pin.file, [details.parents[0], bad], deadline)
    wanted = value_of_change(step.target, pin.variable)
    try:
        same = value_of(before or b"", pin.variable) == wanted
        return same and replace_value(after or b"", pin.variable, wanted) == before
    except Refused:
        return False
