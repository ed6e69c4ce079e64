"""Hosts of an inventory that are all this machine: Ansible is real, and in the place of preflight stands a script."""

import sys
from pathlib import Path

LOCAL = f"ansible_connection=local ansible_python_interpreter={sys.executable}"
"""Variables of a host that Ansible reaches without ssh."""


def program(file: Path, text: str) -> Path:
    """Write a shell script in the place of preflight on a host."""
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return file
