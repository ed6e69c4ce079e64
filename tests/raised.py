"""Notes which declared failures the tests raise; a whole run that leaves one unraised fails.

A failure counts where the runner of this process takes it from its check: what a subprocess reports is not seen.
``pytest tests/checks --list-unraised`` lists what a part of the tests leaves unraised, and fails nothing.
"""

from collections.abc import Callable
from typing import Any

import pytest

from preflight.model import About, Failure, Finding
from preflight.run import runner
from preflight.run.discovery import discover

_OPTION = "--list-unraised"
_KEY = "raised_failures"


def add_option(parser: pytest.Parser) -> None:
    """Add the option that lists."""
    parser.addoption(_OPTION, action="store_true", help="list the declared failures that no test raised")


def register(config: pytest.Config) -> None:
    """Begin to take notes in this process."""
    config.pluginmanager.register(RaisedFailures(config, _declared), "raised_failures")


def is_whole(config: pytest.Config) -> bool:
    """Whether nothing chooses among the tests but the project's own configuration."""
    option = config.option
    chosen = (option.keyword, option.deselect, option.ignore, option.ignore_glob, option.collectonly)
    by_cache = (getattr(option, name, False) for name in ("lf", "stepwise"))
    by_path = config.args_source is not pytest.Config.ArgsSource.TESTPATHS
    given = config.getini("addopts")
    default = given[given.index("-m") + 1] if "-m" in given else ""
    return not any((*chosen, *by_cache, by_path, option.markexpr != default))


class RaisedFailures:
    """Notes what the runner takes from checks, in each process; the controller of several workers gathers it.

    Args:
        config: Of this run.
        declared: Returns what each check says of itself.
    """

    def __init__(self, config: pytest.Config, declared: Callable[[], tuple[About, ...]]) -> None:
        self._config, self._declared = config, declared
        self._noted: list[tuple[str, Failure]] = []
        self._elsewhere: set[str] = set()
        self._patch = pytest.MonkeyPatch()

    def pytest_sessionstart(self) -> None:
        """Watch the runner."""
        original = runner._run_one

        def watched(run: Any, context_for: Any) -> tuple[Finding, ...]:
            findings = original(run, context_for)
            self._noted += [(run.about.id, each.failure) for each in run.findings if each.failure is not None]
            return findings

        self._patch.setattr(runner, "_run_one", watched)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take the notes of a worker of pytest-xdist."""
        self._elsewhere.update(getattr(node, "workeroutput", {}).get(_KEY, ()))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand the notes to the controller, or fail a whole run that leaves a failure unraised."""
        self._patch.undo()
        if hasattr(self._config, "workeroutput"):
            self._config.workeroutput[_KEY] = sorted(self.raised())
        elif is_whole(self._config) and session.exitstatus == pytest.ExitCode.OK and self.unraised():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Name what was not raised."""
        whole = is_whole(self._config)
        if not whole and not self._config.getoption(_OPTION):
            return
        for name in self.unraised():
            terminalreporter.write_line(f"no test raises {name}", red=whole, yellow=not whole)

    def raised(self) -> set[str]:
        """Return ``ID/CODE`` of each declared failure that was raised; one that a test made up is of no check."""
        codes = {about.id: about.codes for about in self._declared()} if self._noted else {}
        return self._elsewhere | {
            f"{check}/{failure.code}"
            for check, failure in self._noted
            if codes.get(check, {}).get(failure.code) is failure
        }

    def unraised(self) -> list[str]:
        """Return ``ID/CODE`` of each declared failure that was not raised."""
        declared = {f"{about.id}/{code}" for about in self._declared() for code in about.codes}
        return sorted(declared - self.raised())


def _declared() -> tuple[About, ...]:
    return tuple(check.about for check in discover().checks)
