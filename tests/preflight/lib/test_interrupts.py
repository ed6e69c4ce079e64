"""preflight/lib/interrupts.py, each in a process of its own: the signals are sent to it."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.real.signals import NUMBERS, default_actions

ROOT = Path(__file__).resolve().parents[3]

HEAD = """
import os, signal, sys, time, weakref
from preflight.lib import interrupts
def send(number=signal.SIGTERM):
    os.kill(os.getpid(), number)
interrupts.install("interrupted\\n")
"""


def run(script: str, before: str = "") -> "subprocess.CompletedProcess[str]":
    """Run a script after the handlers are installed."""
    with default_actions():
        return subprocess.run(
            [sys.executable, "-c", before + HEAD + script],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def said(script: str, before: str = "") -> list[str]:
    """Return the lines a script prints; it has to end well, and to print no traceback."""
    done = run(script, before)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@pytest.mark.parametrize("number", NUMBERS)
def test_a_signal_raises_with_the_exit_code_of_the_shell(number: signal.Signals) -> None:
    """128 and the number of the signal."""
    script = f"""
try:
    send({int(number)})
except interrupts.Interrupted as error:
    print(error.number, error.exit_code, isinstance(error, Exception))
"""
    assert said(script) == [f"{int(number)} {128 + number} False"]


@pytest.mark.parametrize("number", NUMBERS)
def test_what_the_starter_ignores_stays_ignored(number: signal.Signals) -> None:
    """As under nohup(1), or in the background of a script."""
    ignore = f"import signal; signal.signal({int(number)}, signal.SIG_IGN)\n"
    assert said(f"send({int(number)}); print(signal.getsignal({int(number)}).name)", before=ignore) == ["SIG_IGN"]


@pytest.mark.parametrize(("number", "times"), [("SIGHUP", 1), ("SIGTERM", 1), ("SIGINT", 3), ("SIGQUIT", 3)])
def test_what_programs_send_twice_counts_once(number: str, times: int) -> None:
    """The kernel and the shell both hang up; a person who presses Ctrl-C again means it."""
    script = f"""
raised = 0
for _ in range(3):
    try:
        send(signal.{number})
    except interrupts.Interrupted:
        raised += 1
print(raised)
"""
    assert said(script) == [str(times)]


def test_a_hold_is_not_interrupted() -> None:
    """The exception is raised at the end of the outermost one."""
    script = """
try:
    with interrupts.hold:
        with interrupts.hold:
            send()
            print("inside")
        print("still inside")
    print("never")
except interrupts.Interrupted:
    print("outside")
"""
    assert said(script) == ["inside", "still inside", "outside"]


def test_a_hold_in_another_thread_holds_nothing() -> None:
    """Signals are handled in the main thread only."""
    script = """
import threading
entered, done = threading.Event(), threading.Event()
def work():
    with interrupts.hold:
        entered.set()
        done.wait(30)
thread = threading.Thread(target=work)
thread.start()
entered.wait(30)
try:
    send()
    print("never")
except interrupts.Interrupted:
    print("at once")
done.set()
thread.join()
"""
    assert said(script) == ["at once"]


def test_a_signal_in_a_callback_is_not_lost() -> None:
    """Python cannot raise there: it is sent again, and nothing is printed."""
    script = """
class Thing: pass
thing = Thing()
reference = weakref.ref(thing, lambda _: send())
try:
    del thing
    for _ in range(3000):
        time.sleep(0.01)
    print("never")
except interrupts.Interrupted as error:
    print(error.number == signal.SIGTERM)
"""
    assert said(script) == ["True"]


def test_what_else_cannot_be_raised_is_shown_as_ever() -> None:
    """An error in a callback is a mistake, and its traceback the way to find it."""
    done = run("""
class Thing: pass
thing = Thing()
reference = weakref.ref(thing, lambda _: 1 / 0)
del thing
""")
    assert "ZeroDivisionError" in done.stderr


def test_what_somebody_swallowed_is_raised_again() -> None:
    """Somebody else's ``except:`` must not turn an interrupted run into one that passed."""
    script = """
interrupts.raise_received()
try:
    send()
except BaseException:
    pass
try:
    interrupts.raise_received()
except interrupts.Interrupted:
    print("raised")
"""
    assert said(script) == ["raised"]


def test_while_ending_a_signal_ends_the_process_at_once() -> None:
    """With the line, with what is registered for the end, and without waiting for a thread."""
    done = run("""
import threading
threading.Thread(target=time.sleep, args=(60,)).start()
interrupts.at_end(lambda: os.write(1, b"at the end\\n"))
interrupts.ending()
send()
print("never")
""")
    assert (done.returncode, done.stdout, done.stderr) == (143, "at the end\n", "interrupted\n")


def test_the_line_is_said_once() -> None:
    """Whoever presses Ctrl-C again reads it once."""
    done = run("interrupts.ending(); interrupts.say(); interrupts.say(); send(signal.SIGINT)")
    assert (done.returncode, done.stderr) == (130, "interrupted\n")


def test_when_all_is_over_signals_are_ignored() -> None:
    """Those received before, too: the result stands."""
    script = """
try:
    send()
except interrupts.Interrupted:
    pass
with interrupts.hold:
    send(signal.SIGINT)
    interrupts.over()
send(signal.SIGQUIT)
interrupts.raise_received()
print("over")
"""
    assert said(script) == ["over"]


def test_the_end_takes_place_whatever_goes_wrong() -> None:
    """An error in what is to be done at the end changes no exit code."""
    assert run("interrupts.at_end(lambda: 1 / 0); interrupts.end(7)").returncode == 7


def test_it_imports_next_to_nothing() -> None:
    """Its handlers come before anything slow."""
    listing = "import sys, signal\nbefore = set(sys.modules)\nfrom preflight.lib import interrupts\n"
    done = subprocess.run(
        [sys.executable, "-c", listing + "print(sorted(set(sys.modules) - before))"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "['preflight', 'preflight.lib', 'preflight.lib.interrupts']"
