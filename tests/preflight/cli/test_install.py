"""preflight/cli/install.py"""

import shlex
import sys
from pathlib import Path

import pytest

from preflight.history.store import reading
from tests.real.cli import PreflightCli
from tests.real.cron import RealCron

PREFLIGHT = Path(sys.executable).parent / "preflight"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder to install a job for."""
    made = tmp_path / "app"
    made.mkdir()
    return made


def test_dry_run_shows_the_file_and_the_difference(preflight_cli: PreflightCli, folder: Path) -> None:
    """One on stdout, to be piped; the other on stderr, to be read, with its notes; nothing is written."""
    env = {"GHCR_TOKEN": "s3cret"}
    done = preflight_cli("install", "systemd", "--dry-run", "--every", "7m", cwd=folder, env=env)

    assert done.returncode == 0
    assert "# /etc/systemd/system/preflight-app.timer\n" in done.stdout
    assert "OnUnitActiveSec=420s\n" in done.stdout
    assert f"ExecStart={PREFLIGHT} -C {folder} run -q --stage after --record --on-change\n" in done.stdout
    assert "+++ /etc/systemd/system/preflight-app.service\n" in done.stderr
    assert "preflight: the job will not see these variables of your environment: GHCR_TOKEN\n" in done.stderr
    assert "preflight: to see what the job records: preflight history --history /var/lib/" in done.stderr
    assert not Path("/etc/systemd/system/preflight-app.service").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["cron", "--every", "7m"], "cron cannot run a job every 7m"),
        (["cron", "--every", "often"], "'often': expected a number of seconds"),
        (["systemd", "--every", "10s"], "a job every 10s is not possible"),
        (["systemd", "--user", "--run-as", "nobody"], "exclude each other"),
        (["cron", "--name", "a.b"], "--name may hold only"),
        (["cron", "--config", "missing.yaml"], "missing.yaml"),
        (["cron", "extra"], "unexpected extra argument"),
    ],
)
def test_what_is_refused(preflight_cli: PreflightCli, folder: Path, arguments: list[str], said: str) -> None:
    """In words, with exit 2."""
    done = preflight_cli("install", *arguments, "--dry-run", cwd=folder)

    assert done.returncode == 2
    assert said in done.stderr


def test_a_job_can_be_removed_by_a_preflight_that_could_not_be_its_program(
    preflight_cli: PreflightCli, folder: Path
) -> None:
    """E.g. one that ``uvx`` fetched into its cache."""
    env = {"UV_CACHE_DIR": sys.prefix}
    systemd = ("install", "systemd", "--dry-run")
    refused, removed = (
        preflight_cli(*systemd, cwd=folder, env=env),
        preflight_cli(*systemd, "--remove", cwd=folder, env=env),
    )

    assert (refused.returncode, removed.returncode) == (2, 0)
    assert "lies in a cache" in refused.stderr
    assert "preflight-app.service: nothing would change" in removed.stderr
    assert "to see what the job records" not in removed.stderr


def test_a_named_configuration_goes_with_the_job(preflight_cli: PreflightCli, folder: Path) -> None:
    """By its absolute path; what it writes and how long it takes is known to the service."""
    lines = (
        "timeout: 600",
        "output: [json=metrics/x.json]",
        "history: state/h.db",
        "notify: [{type: mail, to: [a@b.c]}]",
    )
    (folder / "mine.yaml").write_text("\n".join(lines))

    done = preflight_cli("install", "systemd", "--dry-run", cwd=folder, env={"PREFLIGHT_CONFIG": "mine.yaml"})

    assert f" --config {folder}/mine.yaml\n" in done.stdout
    for written in (f"{folder}/metrics\n", f"{folder}/state\n", "/var/spool "):
        assert f"ReadWritePaths=-{written}" in done.stdout
    assert "StateDirectory" not in done.stdout
    assert "RuntimeMaxSec=840s\n" in done.stdout


def test_a_crontab_is_changed_back_and_forth_by_the_real_program(folder: Path) -> None:
    """With Debian's crontab: installed twice, shown, removed, and all the rest as it was."""
    cron = RealCron(folder.parent)
    preflight = f"{shlex.quote(str(PREFLIGHT))} -C {shlex.quote(str(folder))} install cron --user"
    script = f"""\
printf 'MAILTO=ops\\n' | crontab -
{preflight}
{preflight}
{preflight} --every 1h --dry-run >/dev/null
echo '--- crontab'
crontab -l
echo '--- removed'
{preflight} --remove
{preflight} --remove
crontab -l
"""

    done = cron.run(script, minutes=0)

    head, between, tail = done.stdout.replace("--- removed", "--- crontab").split("--- crontab\n")
    assert head == "the crontab: written\nthe crontab: nothing to change\n"
    assert between.startswith("MAILTO=ops\n# BEGIN preflight-app\n# preflight health job of ")
    assert f"{PREFLIGHT} -C {folder} run -q" in between
    assert tail.strip().endswith("MAILTO=ops")
    assert "the crontab: removed\nthe crontab: there was nothing to remove\nMAILTO=ops\n" in done.stdout
    assert "-*/5 * * * *" in done.stderr
    assert "+0 * * * *" in done.stderr


def test_systemd_is_told_of_its_units(folder: Path) -> None:
    """A systemctl that refuses leaves the files; here a program stands in its place."""
    cron = RealCron(folder.parent)
    program = folder.parent / "bin" / "systemctl"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho "no bus" >&2\n[ ! -e /etc/no ]\n')
    program.chmod(0o755)
    preflight = f"{shlex.quote(str(PREFLIGHT))} -C {shlex.quote(str(folder))} install systemd"
    said = cron.run(
        f"""\
set +e
{preflight}; echo $?
mkdir -p /run/systemd/system
PATH={shlex.quote(str(program.parent))}:$PATH
{preflight}; echo $?
{preflight} --every 10m; echo $?
touch /etc/no
{preflight} --remove; echo $?
rm /etc/no
{preflight} --remove; echo $?
{preflight} --remove; echo $?
ls /etc/systemd/system/preflight-app.*
""",
        minutes=0,
    )

    unit = "/etc/systemd/system/preflight-app"
    written = f"{unit}.service: written\n{unit}.timer: written\n0\n"
    changed = f"{unit}.service: nothing to change\n{unit}.timer: written\n0\n"
    removed = f"{unit}.service: removed\n{unit}.timer: removed\n0\n"
    nothing = f"{unit}.service: there was nothing to remove\n{unit}.timer: there was nothing to remove\n0\n"
    assert said.stdout == f"2\n{written}{changed}3\n{removed}{nothing}"
    assert "systemd does not run on this host\n  Use `preflight install cron`." in said.stderr
    assert "`systemctl disable --now preflight-app.timer` refused: no bus" in said.stderr


def test_who_may_not_write_is_told_how(folder: Path) -> None:
    """Exit 2, a hint, and nothing is written; here root itself, whom a read-only mount refuses."""
    cron = RealCron(folder.parent)
    preflight = f"{shlex.quote(str(PREFLIGHT))} -C {shlex.quote(str(folder))} install"

    done = cron.run(
        f"""\
set +e
for place in /etc/cron.d /etc/systemd/system; do
    mkdir -p $place
    mount --bind $place $place
    mount -o remount,bind,ro $place
done
for way in cron systemd; do {preflight} $way; echo $?; done
ls /etc/cron.d
{preflight} cron --dry-run 2>/dev/null | wc -l
""",
        minutes=0,
    )

    assert done.stdout == "2\n2\n3\n"
    assert "/etc/cron.d cannot be written by this user\n  Run it as root (sudo)" in done.stderr
    assert "/etc/systemd/system cannot be written by this user" in done.stderr


@pytest.mark.soak
def test_a_real_cron_mails_what_changes(folder: Path) -> None:
    """Installed and run as a user would: one mail for the failure, silence while it lasts, one line when it is over."""
    cron = RealCron(folder.parent)
    (folder / "mine.yaml").write_text(f"history: {folder}/h.db\nonly: [pin-file]\nskip: []\n")
    pin, here = folder / "app-image-pin.env", shlex.quote(str(folder))
    (folder / "compose.yaml").write_text("services: {app: {image: $APP_IMAGE, env_file: [app-image-pin.env]}}\n")
    (folder / "good").write_text(f"APP_IMAGE=ghcr.io/acme/app@sha256:{'a' * 64}\n")
    pin.write_text("APP_IMAGE=ghcr.io/acme/app:latest\n")
    preflight = f"{shlex.quote(str(PREFLIGHT))} -C {here}"
    commit = f"git -C {here} -c user.name=x -c user.email=x@example.com commit"
    script = f"""\
git -C {here} init -q
git -C {here} add -A
{commit} -qm x
echo MAILTO=ops >/etc/crontab
{preflight} install cron --every 5m --config mine.yaml
(sleep 9; cp {here}/good {here}/app-image-pin.env; {commit} -qam y) &
"""

    done = cron.run(script, minutes=21)

    assert "/etc/cron.d/preflight-app: written" in done.stdout
    with reading(folder / "h.db") as connection:
        assert connection is not None
        codes = [code for (code,) in connection.execute("SELECT exit_code FROM run ORDER BY number")]
    assert len(codes) >= 3, (codes, cron.mails, done)
    assert codes == sorted(codes, reverse=True)
    failed, recovered = cron.mails
    assert "FAIL" in failed
    assert "pin-file" in failed
    assert ": recovered after " in recovered
