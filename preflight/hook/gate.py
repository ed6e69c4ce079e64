"""The hook from beginning to end: lock, fetch, judge, remember. Whatever goes wrong keeps the gate shut."""

import hashlib
import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from preflight.coolify.settings import ROOT
from preflight.errors import ConfigurationError, CouldNotLook, ExitCode, PreflightError
from preflight.git.clone import MAX_TOKEN, Branch, check_out, head_of, make_repository, with_token
from preflight.git.command import GitCommand
from preflight.hook.command import Order, surroundings
from preflight.hook.judge import Judged, judge
from preflight.hook.project import application_of, configuration_of
from preflight.hook.state import Answer, State, is_recent
from preflight.hook.summary import Subject, refusal, summary
from preflight.hook.target import find_target
from preflight.lib.deadline import Deadline
from preflight.lib.files import read_bytes, read_text
from preflight.lib.lock import Words, held
from preflight.lib.records import frozen
from preflight.lib.temporary import remove_folder
from preflight.lib.text import printable
from preflight.receipts.receipt import ApprovedPin, Receipt, write_receipt
from preflight.run.config import Configuration
from preflight.version import __version__

_PREFIX = "preflight-hook-"
_MAX_COMPOSE = 8 * 1024 * 1024
_LOCK = Words(
    holder="another run of this hook",
    let_go="Let it end, then deploy again; if it hangs, restart the container that it runs in.",
    elsewhere="Mount a volume for the state folder, or name another on a local file system: --state-dir.",
)


@frozen
class Said:
    """How the hook ends.

    Args:
        line: The one line for standard error.
        exit_code: 0 lets the deployment go on.
    """

    line: str
    exit_code: int


def run_hook(order: Order, environ: Mapping[str, str]) -> Said:
    """Judge what is about to be deployed.

    Args:
        order: What the operator wrote.
        environ: The environment of the process.

    Returns:
        The answer, also when it could not judge. Only interruptions are raised.
    """
    run = _Run(order, surroundings(environ))
    try:
        return run.go()
    except PreflightError as error:
        code = ExitCode.USAGE if isinstance(error, ConfigurationError) else ExitCode.COULD_NOT_LOOK
        return run.refused(error.message, error.hint, code)
    except Exception as error:  # noqa: BLE001 -- whatever it is, the gate stays shut, with one line
        from preflight.lib.exceptions import describe_exception

        reason = f"cannot go on: {describe_exception(error)}"
        return run.refused(reason, "Report this, with the line; until then see --open-until.", ExitCode.COULD_NOT_LOOK)


class _Run:
    """One run; its parts fill in what is known so far, for the line that tells of a failure."""

    def __init__(self, order: Order, environ: Mapping[str, str]) -> None:
        self._order, self._environ = order, dict(environ)
        self._now = datetime.now(UTC)
        self._opened = order.opened_by(self._now)
        self._set = order.set_by_environment()
        self._forced = order.opening is not None and order.opening.holds(self._now)
        self._subject: Subject | None = None
        self._state: State | None = None

    def go(self) -> Said:
        """Run it.

        Raises:
            PreflightError: It could not judge.
        """
        state = self._state = State(self._order.state_dir.absolute())
        began = time.time()
        with held(state.lock, self._order.lock_wait_s, _LOCK) as waited:
            state.sweep()
            deadline = Deadline.after(self._order.timeout_s)
            if self._order.checkout is not None:
                return self._given(self._order.checkout.absolute(), state, deadline)
            return self._fetched(state, deadline, began if waited else None)

    def refused(self, message: str, hint: str, code: int) -> Said:
        """Return the answer for a run that could not judge; open only if the operator opened the gate by force."""
        opened = self._opened if self._forced else ()
        line = refusal(self._subject, message, hint, forced=opened)
        with suppress(CouldNotLook):
            if self._state is not None:
                self._state.log(line, {"opened": "; ".join(self._opened), "exit": str(code)})
        return Said(line, ExitCode.OK if self._forced else code)

    def _given(self, checkout: Path, state: State, deadline: Deadline) -> Said:
        self._subject = Subject(str(checkout), self._order.branch, "")
        git = GitCommand(self._environ)
        done = git(checkout, ("rev-parse", "--quiet", "--verify", "HEAD^{commit}"), deadline)
        commit = done.text.strip() if done.exit_code == 0 else ""
        self._subject = Subject(str(checkout), self._order.branch, commit)
        return self._judged(checkout, self._order, commit, state, deadline)

    def _fetched(self, state: State, deadline: Deadline, waiting_since: float | None) -> Said:
        branch, order = find_target(self._order, self._environ, deadline)
        self._subject = Subject(branch.shown, branch.name, "")
        if self._order.git_token_file is not None:
            token = read_text(self._order.git_token_file, limit=MAX_TOKEN, what="the token for git").strip()
            self._environ = with_token(self._environ, branch.address, token)
        git = GitCommand(self._environ)
        with _folder(self._order.work_dir) as folder:
            make_repository(git, folder, branch, deadline)
            head = head_of(git, branch, deadline)
            self._subject = Subject(branch.shown, branch.name, head)
            if known := self._known(state, head, branch, waiting_since):
                return known
            commit = check_out(git, folder, branch, self._order.depth, deadline)
            self._subject = Subject(branch.shown, branch.name, commit)
            said = self._judged(folder, order, commit, state, deadline)
        state.remember(Answer(self._key(commit, branch), time.time(), said.exit_code, said.line))
        return said

    def _known(self, state: State, commit: str, branch: Branch, waiting_since: float | None) -> Said | None:
        """Return the answer of an earlier run of the same deployment.

        A pass answers again for a while, if nothing was deployed in between. What blocked does so only for a run
        that waited for it: the next deployment is judged again, since what was wrong may have been fixed.
        """
        last = state.last()
        if last is None or last.key != self._key(commit, branch):
            return None
        waited_for = waiting_since is not None and last.at >= waiting_since
        if not waited_for and not (last.exit_code == ExitCode.OK and is_recent(last, self._order.reuse_s)):
            return None
        seconds = max(0, round(time.time() - last.at))
        line = f"{last.line}; answered already {seconds} s ago, not judged again"
        state.log(line, {"opened": "; ".join(self._opened), "exit": str(last.exit_code)})
        return Said(line, last.exit_code)

    def _key(self, commit: str, branch: Branch) -> str:
        """Return what an answer is an answer to: the commit, and everything that says how to judge it."""
        asked = {name: str(value) for name, value in asdict(self._order).items() if name not in _NOT_JUDGING}
        asked |= {"commit": commit, "address": branch.address, "name": branch.name, "forced": str(self._forced)}
        asked |= {"version": __version__, "config": _hash(self._order.config)}
        asked["since"] = last_deployment(application_of(self._order, self._environ), ROOT, Path("/proc/1/stat"))
        return hashlib.sha256(repr(sorted(asked.items())).encode()).hexdigest()

    def _judged(self, checkout: Path, order: Order, commit: str, state: State, deadline: Deadline) -> Said:
        configuration = configuration_of(checkout, order, self._environ)
        judged = judge(configuration, order, self._environ, commit, deadline)
        _demand_inside(checkout, [configuration.path, *judged.compose, *(each.pin.file for each in judged.pins)])
        code = ExitCode.OK if self._forced else judged.exit_code
        if self._subject is None:
            raise AssertionError("what is judged is known by now")
        report = state.report("table")
        line = summary(self._subject, judged, self._opened, forced=self._forced, report=report, named=self._set)
        _write_reports(state, judged)
        if code == ExitCode.OK:
            receipt = self._receipt(judged, configuration, checkout, commit)
            path = write_receipt(state.receipts, receipt)
            line = f"{line}; receipt: {path.name}"
        state.log(
            line, {"opened": "; ".join([*self._opened, *self._named(), *judged.narrowed]), "exit": str(int(code))}
        )
        return Said(line, int(code))

    def _named(self) -> tuple[str, ...]:
        return tuple(f"{name} in the environment" for name in self._set)

    def _receipt(self, judged: Judged, configuration: Configuration, checkout: Path, commit: str) -> Receipt:
        subject = self._subject or Subject("", "", commit)
        opened = [
            *self._opened,
            *self._named(),
            *judged.narrowed,
            *(f"let through: {each.check}" for each in judged.excused),
        ]
        return Receipt(
            at=datetime.now(UTC),
            verdict="pass" if judged.exit_code == ExitCode.OK and not judged.excused else "opened",
            opened=tuple(opened),
            repository=subject.place,
            branch=subject.branch,
            commit=commit,
            application=configuration.coolify.application,
            compose={_inside(path, checkout): _hash(path) for path in judged.compose},
            pins=tuple(
                ApprovedPin(each.pin.variable, each.pin.service, _inside(each.pin.file, checkout), each.reference)
                for each in judged.pins
            ),
            tool=__version__,
        )


_NOT_JUDGING = frozenset({"state_dir", "work_dir", "timeout_s", "lock_wait_s", "reuse_s", "opening"})


def last_deployment(application: str, root: Path, first_process: Path) -> str:
    """Return a text that changes with every deployment: an answer is good for one of them only.

    Each ends with a new container of this very service, whose first process began later, and with new files in the
    application's folder (AJ 1035-1091).

    Args:
        application: UUID; empty if nobody said it.
        root: Coolify's folder.
        first_process: Tells, in field 22, when process 1 began (proc_pid_stat(5)).
    """
    seen = [os.uname().nodename]
    with suppress(OSError, IndexError):
        seen.append(first_process.read_text().rpartition(")")[2].split()[19])
    for name in ("docker-compose.yaml", ".env") if application else ():
        with suppress(OSError):
            facts = (root / "applications" / application / name).stat()
            seen.append(f"{name} {facts.st_ino} {facts.st_size} {facts.st_mtime_ns}")
    return " ".join(seen)


def _inside(path: Path, checkout: Path) -> str:
    return str(path.relative_to(checkout)) if path.is_relative_to(checkout) else str(path)


def _demand_inside(checkout: Path, files: Sequence[Path | None]) -> None:
    """See that what was judged is the commit: a link in it may lead to any file of this container.

    Raises:
        CouldNotLook: One does, out of the checkout.
    """
    root = checkout.resolve()
    for path in files:
        if path is not None and path.is_relative_to(checkout) and not path.resolve().is_relative_to(root):
            raise CouldNotLook(
                f"{printable(_inside(path, checkout), 100)} lies behind a link that leads out of the repository",
                "Commit the file itself in place of the link.",
            )


def _hash(path: Path | None) -> str:
    if path is None:
        return ""
    return hashlib.sha256(read_bytes(path, limit=_MAX_COMPOSE, what="the file")).hexdigest()


def _write_reports(state: State, judged: Judged) -> None:
    from preflight.report import Style
    from preflight.run.reporters import reporter

    for name in ("table", "json"):
        state.write(state.report(name), reporter(name)(judged.report, replace(Style(), verbose=True)))


@contextmanager
def _folder(work_dir: Path | None) -> Iterator[Path]:
    """Have an empty folder for a checkout; what an earlier run that was killed left there is removed first.

    Raises:
        CouldNotLook: None can be made.
    """
    parent = work_dir or Path(tempfile.gettempdir())
    try:
        left = list(parent.glob(f"{_PREFIX}*"))
        for each in left:
            remove_folder(each)
        made = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise CouldNotLook(
            f"no temporary folder can be made for the checkout: {reason}",
            "Give the container a tmpfs on /tmp, or name a folder that can be written to: --work-dir.",
        ) from error
    try:
        yield made
    finally:
        for each in (made, *left):  # what a killed run left once more: its git may have gone on writing
            remove_folder(each)
