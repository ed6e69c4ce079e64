"""preflight/lib/descendants.py"""

import subprocess
import sys
from pathlib import Path

_NEST = """
import os, signal, subprocess, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from preflight.lib.descendants import descendants, end_descendants
sleep = [sys.executable, "-c", "import os,time; os.setsid(); print(os.getpid(), flush=True); time.sleep(99)"]
stubborn = "import signal,subprocess,sys,time; signal.signal(15, signal.SIG_IGN); "
stubborn += "child = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE); "
stubborn += "print(child.stdout.readline().decode(), end='', flush=True); time.sleep(99)"
child = subprocess.Popen([sys.executable, "-c", stubborn, *sleep], stdout=subprocess.PIPE)
inner = int(child.stdout.readline())
assert descendants(os.getpid()) == [child.pid, inner]
end_descendants()
assert child.wait(5) == -signal.SIGKILL
end = time.monotonic() + 5
while Path(f"/proc/{inner}/stat").exists() and " Z " not in Path(f"/proc/{inner}/stat").read_text():
    assert time.monotonic() < end
print("gone")
"""


def test_what_left_its_group_or_refuses_to_end_is_ended() -> None:
    """A child that ignores SIGTERM, and a child of it in a session of its own."""
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", _NEST, str(root)], capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.stdout, done.stderr) == ("gone\n", "")
