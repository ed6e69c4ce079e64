"""A real cron, Debian's, in a world of its own, whose clock runs sixty times as fast."""

import os
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

from provision.errors import ProvisionError
from provision.packages import cron_programs, faketime_library

from tests.real.missing import missing

_WORLD = """\
set -eu
mount -t tmpfs none "$WORLD"
for folder in etc usr/sbin; do
    mkdir -p "$WORLD/$folder/upper" "$WORLD/$folder/work"
    mount -t overlay overlay -o "lowerdir=/$folder,upperdir=$WORLD/$folder/upper,workdir=$WORLD/$folder/work" "/$folder"
done
mount -t tmpfs none /var/spool
mount -t tmpfs none /run
rm -rf /etc/cron.d /etc/crontab
mkdir -p /etc/cron.d /var/spool/cron/crontabs
chmod 1730 /var/spool/cron/crontabs
printf '#!/bin/sh\\n{ cat; echo "=== end"; } >>%s\\n' "$MAILS" >/usr/sbin/sendmail
chmod 755 /usr/sbin/sendmail
"""
"""``/etc`` and ``/usr/sbin`` are copies that go with the last process; sendmail writes to a file."""


class RealCron:
    """Runs a script, then cron for some of its own minutes, in a mount namespace of their own.

    Args:
        folder: Of the test.
    """

    def __init__(self, folder: Path) -> None:
        if os.geteuid() != 0:
            missing("no cron of its own", ProvisionError("only root may make a mount namespace", "run it as root"))
        try:
            self.cron, self.crontab = cron_programs()
            self._faketime = faketime_library()
        except ProvisionError as error:
            missing("no cron", error)
        self._folder = folder

    @property
    def mails(self) -> list[str]:
        """What cron mailed, in order."""
        file = self._folder / "mails"
        return file.read_text().split("=== end\n")[:-1] if file.exists() else []

    def run(self, script: str, minutes: int, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run a shell script, then cron.

        Args:
            script: Installs what cron is to run; ``crontab`` is on its PATH.
            minutes: Of cron's clock; each takes a second.
            env: Added to the environment of the script; cron's jobs get nothing of it.

        Returns:
            Output of the script and of cron.
        """
        world = self._folder / "world"
        world.mkdir(exist_ok=True)
        cron = f"timeout --preserve-status {minutes} {shlex.quote(str(self.cron))} -f"
        fast = f"LD_PRELOAD={shlex.quote(str(self._faketime))} FAKETIME='+0 x60'"
        whole = f"{_WORLD}umask 077\n{script}\n{fast} exec {cron}\n" if minutes else f"{_WORLD}{script}\n"
        path = f"{self.crontab.parent}:/usr/bin:/bin"
        given = {
            "WORLD": str(world),
            "MAILS": str(self._folder / "mails"),
            "PATH": path,
            "HOME": "/root",
            **(env or {}),
        }
        argv = ["unshare", "--mount", "sh", "-c", whole]
        return subprocess.run(
            argv, env={**given, **(env or {})}, capture_output=True, text=True, timeout=120, check=False
        )
