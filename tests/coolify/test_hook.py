"""The hook where Coolify runs it: by `docker exec` in the sidecar, and in the custom build command of the helper."""

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from textwrap import fill

import pytest
from provision import busybox
from provision.cache import ROOT
from provision.sample import COMPOSE_FILE, IMAGE, PIN_FILE, SERVICE, VARIABLE, Sample

from preflight.hook.application_fields import ApplicationFields
from preflight.hook.second_gate import SCRIPT, custom_build_command, gate_script
from preflight.hook.ui_texts import post_deployment_command, pre_deployment_command
from preflight.receipts.receipt import read_receipts
from tests.real.cli import PreflightCli
from tests.real.compose import compose_binary
from tests.real.coolify import Application, Coolify, DeploymentFailed
from tests.real.git import GIT_ENVIRON
from tests.real.manual_sample import compare_sample
from tests.real.socket_proxy import socket_proxy
from tests.real.tool_image import provide_tool_image

pytestmark = [pytest.mark.engine, pytest.mark.compose, pytest.mark.registry]

SECRET = "hunter2-of-the-ui"
SIDECAR = ROOT / "docker" / "coolify" / "compose.preflight.yaml"


class Gated:
    """An application of the sample stack with the sidecar in it."""

    def __init__(self, sample: Sample, coolify: Coolify, state: Path) -> None:
        self.sample, self.coolify, self.state, engine = sample, coolify, state, coolify.engine
        busybox.import_image(IMAGE, engine.environ)
        image = provide_tool_image(engine)
        self.application = Application(
            sample.path,
            base_directory="/docker",
            compose_location="/compose.app.yaml",
            raw=True,
            preserve=True,
            pre_deployment_container="preflight",
            post_deployment_container="preflight",
        )
        self.application.variables.set("DB_PASSWORD", SECRET)
        self.place = ApplicationFields(
            application=self.application.uuid,
            repository=str(sample.path),
            branch="main",
            base_directory="/docker",
            compose_location="/compose.app.yaml",
            image=image,
            socket=str(engine.socket),
            root=str(coolify.root),
            state=str(state),
            plugins=str(compose_binary().parent),
            more=("--registry-insecure", sample.registry),
        )
        self.application.pre_deployment_command = pre_deployment_command(self.place)
        (sample.path / "preflight.yaml").write_text(f"coolify: {{root: {coolify.root}}}\n")
        (sample.path / "docker" / SCRIPT).write_text(gate_script(self.place))
        self._paste()
        self.commit()

    def _paste(self) -> None:
        """Paste the sidecar into the compose file, with the places of this test in it."""
        service = SIDECAR.read_text().partition("\nservices:\n")[2]
        for old, new in (
            ("image: preflight:0.2.0", f"image: {self.place.image}"),
            ("/var/run/docker.sock:/", f"{self.place.socket}:/"),
            ("/data/coolify/", f"{self.place.root}/"),
            ("/usr/libexec/docker/cli-plugins:/", f"{self.place.plugins}:/"),
            ("/var/lib/preflight/", f"{self.place.state}/"),
            ("APPLICATION-UUID", self.application.uuid),
            (
                "    volumes:\n",
                f"    network_mode: host\n    volumes:\n      - {self.sample.path}:{self.sample.path}:ro\n",
            ),
        ):
            assert old in service
            service = service.replace(old, new)
        with (self.sample.path / COMPOSE_FILE).open("a") as file:
            file.write("\n" + service)

    def commit(self) -> str:
        """Commit all; Coolify clones the branch's head."""
        commit = ""
        for words in (("add", "--all"), ("commit", "--quiet", "--message", "Change"), ("rev-parse", "HEAD")):
            done = subprocess.run(
                ["git", *words], cwd=self.sample.path, check=True, capture_output=True, text=True,
                env={"PATH": self.coolify.engine.environ["PATH"], **GIT_ENVIRON},
            )  # fmt: skip
            commit = done.stdout.strip()
        return commit

    def break_it(self) -> str:
        """Let something override the pin; return the commit."""
        self.sample.shadow("ghcr.io/ls1intum/hephaestus/agent:latest")
        return self.commit()

    def mend_it(self) -> str:
        """Take that away; return the commit."""
        text = self.sample.compose_file.read_text()
        self.sample.compose_file.write_text(re.sub(rf"      {VARIABLE}: .*\n", "", text))
        return self.commit()

    def log(self) -> list[dict[str, str]]:
        """What the hook logged."""
        return [json.loads(line) for line in (self.state / self.application.uuid / "hook.log").read_text().splitlines()]

    @property
    def receipts(self) -> Path:
        """The folder of receipts on the server."""
        return self.state / self.application.uuid / "receipts"


@pytest.fixture
def gated(sample: Sample, coolify: Coolify, tmp_path: Path) -> Iterator[Gated]:
    """The application; not deployed yet."""
    one = Gated(sample, coolify, tmp_path / "state")
    yield one
    engine = coolify.engine
    engine.docker("rm", "-f", f"preflight-gate-{one.application.uuid}", check=False)


def test_it_blocks_a_bad_rollout_and_lets_a_good_one_through(gated: Gated) -> None:
    """The first deployment is not gated; a bad commit changes nothing of what runs; a good one is deployed."""
    first = gated.coolify.deploy(gated.application)
    assert any("No running containers found. Skipping." in line for line in first.log)
    old = gated.coolify.container(gated.application, SERVICE)

    bad = gated.break_it()
    with pytest.raises(DeploymentFailed) as refused:
        gated.coolify.deploy(gated.application)
    shown = str(refused.value)
    assert "exit code 1" in shown
    assert f"main@{bad[:9]}" in shown
    assert f"env-shadowing: environment: of {SERVICE} overrides the pin" in shown
    assert shown.partition("Error: ")[2].count("\n") == 1, "one line"
    said = "preflight hook: " + shown.partition("preflight hook: ")[2].partition("\n")[0]
    said = said.replace(str(gated.sample.path), "REPOSITORY")
    compare_sample("coolify.md", "blocked", fill(said, 118, break_on_hyphens=False, break_long_words=False))
    assert SECRET not in shown
    assert gated.coolify.container(gated.application, SERVICE) == old

    good = gated.mend_it()
    deployed = gated.coolify.deploy(gated.application)
    assert sum("preflight hook" in line for line in deployed.commands) == 1
    assert gated.coolify.environment(gated.application, SERVICE)[VARIABLE] == gated.sample.reference
    (receipt,) = read_receipts(gated.receipts)
    assert (receipt.commit, receipt.verdict, receipt.application) == (good, "pass", gated.application.uuid)
    assert [entry["exit"] for entry in gated.log()] == ["1", "0"]
    assert SECRET not in (gated.state / gated.application.uuid / "report.txt").read_text()
    left = gated.coolify.engine.docker("exec", f"preflight-{gated.application.uuid}", "ls", "/tmp").stdout  # noqa: S108 -- in the container
    assert "preflight-hook-" not in left


def test_it_blocks_where_coolify_drops_the_pin(gated: Gated) -> None:
    """In default mode the pin of the next commit cannot arrive, whatever the commit says."""
    gated.coolify.deploy(gated.application)
    gated.application.raw = gated.application.preserve = False
    gated.coolify.deploy(gated.application)  # the hook sees the settings of the deployment before
    with pytest.raises(DeploymentFailed, match=r"BLOCKED: .*coolify-mode"):
        gated.coolify.deploy(gated.application)


def test_a_variable_of_the_ui_does_not_lead_the_sidecar_to_another_engine(gated: Gated) -> None:
    """In default mode the sidecar has them all; one that another service needs shuts no gate, and opens none unseen."""
    gated.application.raw = gated.application.preserve = False
    gated.application.variables.set("DOCKER_HOST", "tcp://127.0.0.1:1")
    allowed = ("coolify-mode/env-file-replaced", "coolify-env-file/dropped")
    gated.application.variables.set("PREFLIGHT_ALLOW", " ".join(allowed))
    gated.coolify.deploy(gated.application)
    gated.coolify.deploy(gated.application)
    (entry,) = gated.log()
    assert "no Docker engine listens" not in entry["said"]
    for each in allowed:
        assert f"let through by --allow: {each}: " in entry["said"]
    assert entry["opened"] == f"--allow {','.join(allowed)} (PREFLIGHT_ALLOW in the environment)"


def test_its_words_are_not_taken_for_a_fault_of_ssh(gated: Gated) -> None:
    """A registry that refuses connections blocks once: Coolify does not run the hook three times."""
    gated.coolify.deploy(gated.application)
    pin = gated.sample.pin_file
    pin.write_text(pin.read_text().replace(gated.sample.registry, "127.0.0.1:9"))
    gated.commit()
    gated.application.pre_deployment_command += " --registry-insecure 127.0.0.1:9"
    with pytest.raises(DeploymentFailed, match="nobody listens there"):
        gated.coolify.deploy(gated.application)
    assert len(gated.log()) == 1


def test_the_second_gate_sees_the_very_checkout(gated: Gated) -> None:
    """The line that is pasted as custom build command, in the helper: bad blocks before anything is removed."""
    gated.application.custom_build_command = custom_build_command(gated.place)
    good = gated.coolify.deploy(gated.application)
    assert any(SCRIPT in each for each in good.commands)
    (receipt,) = read_receipts(gated.receipts)
    assert receipt.verdict == "pass"
    assert "nothing was deployed yet, so Coolify's settings were not judged" in gated.log()[0]["said"]
    old = gated.coolify.container(gated.application, SERVICE)

    gated.application.pre_deployment_command = ""
    bad = gated.break_it()
    with pytest.raises(DeploymentFailed, match="BLOCKED: ") as refused:
        gated.coolify.deploy(gated.application)
    assert f"@{bad[:9]}" in str(refused.value)
    assert gated.coolify.container(gated.application, SERVICE) == old
    assert len(read_receipts(gated.receipts)) == 1

    gated.mend_it()
    gated.coolify.deploy(gated.application)
    assert len(read_receipts(gated.receipts)) == 2


def test_the_second_gate_blocks_in_default_mode(gated: Gated) -> None:
    """There the compose file is rewritten already, and its env_file: gone: blocked, before the first `up`."""
    gated.application.raw = gated.application.preserve = False
    with (gated.sample.path / "preflight.yaml").open("a") as file:  # nothing in the rewritten file tells of a pin
        file.write(f"pins: [{{variable: {VARIABLE}, service: {SERVICE}, file: {PIN_FILE}}}]\n")
    gated.commit()
    gated.application.custom_build_command = custom_build_command(gated.place)
    with pytest.raises(DeploymentFailed, match=r"BLOCKED: .*env-file-syntax"):
        gated.coolify.deploy(gated.application)


def test_a_pin_that_is_kept_in_the_ui_passes_both_gates(gated: Gated) -> None:
    """In default mode with pin_in: ui that is as it should be; a value written out in the commit is not."""
    gated.application.raw = gated.application.preserve = False
    gated.application.variables.set(VARIABLE, gated.sample.reference)
    pins = f"pins: [{{variable: {VARIABLE}, service: {SERVICE}, file: {PIN_FILE}}}]\n"
    (gated.sample.path / "preflight.yaml").write_text(
        f"coolify: {{root: {gated.coolify.root}, pin_in: ui}}\n{pins}", encoding="utf-8"
    )
    gated.break_it()
    gated.application.custom_build_command = custom_build_command(gated.place)
    with pytest.raises(
        DeploymentFailed, match=r"BLOCKED: .*env-shadowing: environment: of application-server overrides"
    ):
        gated.coolify.deploy(gated.application)
    gated.mend_it()
    gated.coolify.deploy(gated.application)
    gated.coolify.deploy(gated.application)
    assert [entry["exit"] for entry in gated.log()] == ["1", "0", "0", "0"]
    assert gated.coolify.environment(gated.application, SERVICE)[VARIABLE] == gated.sample.reference


def test_it_needs_no_more_of_the_engine_than_the_proxy_lets_through(gated: Gated, preflight_cli: PreflightCli) -> None:
    """With the switches of compose.preflight-proxy.yaml it passes, and asks for nothing that is not listed there."""
    gated.coolify.deploy(gated.application)
    text = (SIDECAR.parent / "compose.preflight-proxy.yaml").read_text()
    switches = dict(re.findall(r'^      ([A-Z]+): "([01])"$', text, re.MULTILINE))
    words = shlex.split(pre_deployment_command(gated.place))[1:]
    with socket_proxy(gated.coolify.engine.socket, switches) as proxy:
        environ = {**gated.coolify.engine.environ, "DOCKER_HOST": proxy.host}
        state = ("--state-dir", gated.state / "proxied")
        done = preflight_cli(
            *words,
            *state,
            "--skip",
            "coolify-compose-version",
            cwd=gated.state,
            env=environ,
        )
        assert done.returncode == 0, done.stderr
        assert {each.rpartition("/")[2] for each in proxy.refused} <= {"exec"}
        assert "open: --skip coolify-compose-version" in done.stderr
        report = (gated.state / "proxied" / "report.txt").read_text()
        assert "by what it was made with: the engine refuses exec" in " ".join(report.split())
        proxy.refused.clear()
        whole = preflight_cli(*words, *state, cwd=gated.state, env=environ)
        assert (whole.returncode, "coolify-compose-version" in whole.stderr) == (3, True)
        assert {each.rpartition("/")[2] for each in proxy.refused} == {"create", "exec"}
    asked = {re.sub(r"^(GET /images)/.+/json$", r"\1/NAME/json", each) for each in proxy.passed}
    asked = {re.sub(r"/[0-9a-f]{64}(?=/|$)", "/ID", each) for each in asked}
    assert asked <= {
        "GET /_ping", "HEAD /_ping", "GET /version", "GET /info", "GET /containers/json", "GET /containers/ID/json",
        "GET /images/json", "GET /images/NAME/json",
    }  # fmt: skip
    comment = " ".join(line.lstrip("# ") for line in text.splitlines() if line.startswith("#"))
    for each in asked:
        assert each.partition(" ")[2] in comment


def test_after_a_deployment_the_sidecar_says_whether_the_pin_arrived(gated: Gated) -> None:
    """Right after `up`, from what Coolify left on the server; what it finds is in the log, and blocks nothing."""
    # Only the base directory is copied there, and this Coolify is not in its usual place.
    (gated.sample.path / "docker" / "preflight.yaml").write_text(f"coolify: {{root: {gated.coolify.root}}}\n")
    gated.commit()
    gated.application.pre_deployment_command = ""
    gated.application.post_deployment_command = post_deployment_command(gated.place)
    sound = gated.coolify.deploy(gated.application)
    assert sum("run --stage after" in line for line in sound.commands) == 1
    assert not any("failed" in line for line in sound.log), sound.log

    gated.application.post_deployment_command = gated.application.post_deployment_command.replace(" 120", " 5")
    gated.break_it()
    broken = gated.coolify.deploy(gated.application)
    assert "Post-deployment command failed." in broken.log
    said = " ".join("\n".join(broken.log).split())
    assert "coolify-env-file/" in said
    assert SECRET not in said


def test_a_commit_without_the_script_is_not_deployed(gated: Gated) -> None:
    """Whoever takes the gate out of the commit shuts it."""
    gated.application.custom_build_command = custom_build_command(gated.place)
    (gated.sample.path / "docker" / SCRIPT).unlink()
    gated.commit()
    with pytest.raises(DeploymentFailed, match=SCRIPT):
        gated.coolify.deploy(gated.application)
