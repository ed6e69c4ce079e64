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
words = ["sh", "-c", "sleep 98 >/dev/null & echo $!"]
daemon = int(subprocess.run(words, env={"MARK": sys.argv[2]}, stdout=subprocess.PIPE).stdout)
assert daemon not in descendants(os.getpid())
end_descendants(f"MARK={sys.argv[2]}")
assert child.wait(5) == -signal.SIGKILL
end = time.monotonic() + 5
for pid in (inner, daemon):
    while Path(f"/proc/{pid}/stat").exists() and " Z " not in Path(f"/proc/{pid}/stat").read_text():
        assert time.monotonic() < end
print("gone")
"""


def test_what_left_its_group_or_refuses_to_end_is_ended(tmp_path: Path) -> None:
    """A child that ignores SIGTERM, a child of it in a session of its own, and what is nobody's child any more."""
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", _NEST, str(root), str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.stdout, done.stderr) == ("gone\n", "")
