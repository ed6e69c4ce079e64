"""Runs one program, bounded in time and in what it prints.

``AnsibleModule.run_command`` has neither limit: a program that hangs would hang the play.
"""

# MIT License (see LICENSE)

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time

_LIMIT = 16 * 1024 * 1024

ENDED = -1
"""The exit code of a program that was ended."""


def run(argv, cwd, env, timeout_s):
    """Run the program; return its exit code, standard output and standard error, each bounded.

    The code is ``-1`` where it took too long or printed too much: then it is killed with all it started.
    """
    child = subprocess.Popen(
        argv,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    streams = {child.stdout: bytearray(), child.stderr: bytearray()}
    end = time.monotonic() + timeout_s
    try:
        with selectors.DefaultSelector() as selector:
            for stream in streams:
                selector.register(stream, selectors.EVENT_READ)
            while selector.get_map():
                for key, _events in selector.select(max(0.0, end - time.monotonic())):
                    chunk = os.read(key.fd, 65536)
                    streams[key.fileobj] += chunk
                    if not chunk:
                        selector.unregister(key.fileobj)
                if time.monotonic() >= end or any(len(data) > _LIMIT for data in streams.values()):
                    return ENDED, "", ""
        code = child.wait(max(0.1, end - time.monotonic()))
    except subprocess.TimeoutExpired:
        return ENDED, "", ""
    finally:
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        child.wait()
        child.stdout.close()
        child.stderr.close()
    out, err = (bytes(data).decode("utf-8", "replace") for data in streams.values())
    return code, out, err
