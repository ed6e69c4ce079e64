"""Programs that bring things: what goes wrong is one line with the program's last word."""

import sys

import pytest
from provision.command import run
from provision.errors import ProvisionError


def test_output_is_returned() -> None:
    """Standard output as text; the program is fed what it is to read."""
    assert run([sys.executable, "-c", "print(input().upper())"], stdin=b"word\n") == "WORD\n"


def test_a_failure_names_the_exit_code_and_the_last_line() -> None:
    """The last line of standard error is most often the reason."""
    script = "import sys; print('first\\nthe reason', file=sys.stderr); sys.exit(7)"
    with pytest.raises(ProvisionError, match="ended with 7: the reason"):
        run([sys.executable, "-c", script])


def test_a_program_that_is_missing_or_too_slow_is_said() -> None:
    """Neither hangs nor ends in a traceback."""
    with pytest.raises(ProvisionError, match="cannot be started"):
        run(["preflight-no-such-program"])
    with pytest.raises(ProvisionError, match="took over"):
        run([sys.executable, "-c", "import time; time.sleep(30)"], seconds=0.2)
