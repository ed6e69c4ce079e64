"""One deployment of an application, step by step as ApplicationDeploymentJob takes them."""

import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.real.coolify import rewrite
from tests.real.coolify.dotenv import addresses, application_dotenv
from tests.real.coolify.helper import Helper, helper, provide_image
from tests.real.coolify.hook import run_pre_deployment_command
from tests.real.coolify.resource import Application
from tests.real.coolify.shell import DeploymentFailed, on_host, require, run
from tests.real.engine import RealEngine
from tests.real.git import GIT_ENVIRON

_HELPER_FOLDER = "/artifacts"


class Job:
    """Deploys one application.

    Args:
        engine: The server's.
        folder: The application's on the host: ``H`` in the facts.
        application: What is deployed, with its settings of this moment.
        uuid: Of the deployment.
        pull_request: 0 for production.
        commit: To deploy; the branch's tip, if empty.
    """

    def __init__(
        self, engine: RealEngine, folder: Path, application: Application, *, uuid: str, pull_request: int, commit: str
    ) -> None:
        self._engine, self._host, self._app = engine, folder, application
        self.uuid, self._pull_request, self._commit = uuid, pull_request, commit
        self._in_helper = f"{_HELPER_FOLDER}/{uuid}{application.below}"
        self._rewritten: rewrite.Rewritten | None = None
        self.commands: list[str] = []
        """Every line of shell that was run, in order."""
        self.log: list[str] = []
        """What the deployment's page says."""

    @property
    def rewritten(self) -> rewrite.Rewritten:
        """What became of the compose file."""
        if self._rewritten is None:
            raise AssertionError("the compose file was not rewritten yet")
        return self._rewritten

    def run(self) -> None:
        """Deploy.

        Raises:
            DeploymentFailed: A step failed.
        """
        self._host.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            self._checkout = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="coolify-"))) / "checkout"
            self._helper = self._start_helper(stack)
            self.commands += run_pre_deployment_command(self._engine, self._app, self.log)
            try:
                self._prepare()
                self._build()
                self._write(self._host / ".env", self._dotenv())
                self._remove_old()
                self._up()
            finally:
                self._write_configuration()  # of every deployment, failed ones too (AJ 399-406)

    @property
    def _workdir(self) -> Path:
        """What the helper holds of the base directory."""
        return self._checkout / self._app.below.lstrip("/")

    def _start_helper(self, stack: ExitStack) -> Helper | None:
        """Start the helper where something runs in it or is copied out of it; the rest needs only its checkout."""
        provide_image(self._engine)  # it is on every server, and every deployment but ours runs it
        needed = not self._app.raw or self._app.preserve or self._app.custom_build_command
        return stack.enter_context(helper(self._engine, self.uuid)) if needed else None

    def _prepare(self) -> None:
        """Clone, and rewrite the compose file; its text is always that of the branch's tip (App 2103-2112)."""
        self._git("clone", "--quiet", "--branch", self._app.branch, str(self._app.repository), str(self._checkout))
        file = self._workdir / self._app.compose_location.lstrip("/")
        if not file.is_file():
            raise DeploymentFailed(f"Docker Compose file not found at: {self._app.below}{self._app.compose_location}")
        text = file.read_text(encoding="utf-8")
        self._commit = self._commit or self._git("-C", str(self._checkout), "rev-parse", "HEAD")
        self._git("-C", str(self._checkout), "checkout", "--quiet", self._commit)
        self._services = list(rewrite.load(text).get("services", {}))
        if self._app.raw:
            self._rewritten = rewrite.rewrite_raw(text, self._app)
        else:
            self._rewritten = rewrite.rewrite_default(text, self._app, self._pull_request)
        self._write(file, self._rewritten.deployed)
        self._write(self._workdir / ".env", self._dotenv())  # over the repository's own (AJ 1582)
        if self._helper is not None:
            self._helper.put(self._checkout, f"{_HELPER_FOLDER}/{self.uuid}")

    def _build(self) -> None:
        """Run the custom build command; the build itself is left out (AJ 733-769)."""
        if self._app.custom_build_command and self._helper is not None:
            line = f"cd {_HELPER_FOLDER}/{self.uuid} && {self._app.custom_build_command}"
            self._ended(line, self._helper.run(line))

    def _remove_old(self) -> None:
        """Remove the old containers, before `up` (AJ 799)."""
        found = self._engine.docker(
            *("ps", "-a", "--filter", f"label=coolify.applicationId={self._app.number}"),
            *("--format", '{{.ID}} {{.Label "coolify.pullRequestId"}}'),
        )
        rows = [line.split() for line in found.stdout.splitlines()]
        same = [row[0] for row in rows if (row[1] if len(row) > 1 else "0") == str(self._pull_request)]
        if same:
            self._engine.docker("rm", "-f", *same)

    def _up(self) -> None:
        """Run `up` with the very options of AJ 843-893."""
        host, work, name = self._host, self._in_helper, self._app.uuid
        location = self._app.compose_location
        if self._app.raw:
            self._write_configuration()
            self._make_bind_folders()
            # a preview too reads production's file (AJ 844-845)
            options = f"--env-file {host}/.env --project-directory {host} -f {host}/docker-compose.yaml"
        elif self._app.preserve:
            self._write_configuration()
            options = f"--env-file {host}/.env --project-name {name} --project-directory {host} -f {host}{location}"
        else:
            options = f"--env-file {work}/.env --project-name {name} --project-directory {work} -f {work}{location}"
        line = f"{self._shell_variables()} docker compose {options} up -d"
        if self._helper is not None and not (self._app.raw or self._app.preserve):
            self._ended(line, self._helper.run(line))
        else:
            self._ended(line, on_host(line, self._engine))

    def _shell_variables(self) -> str:
        """Return what stands before the command and wins over ``--env-file`` (AJ 2259-2288)."""
        variables = {"SOURCE_COMMIT": self._commit} if self._app.source_commit else {}
        variables |= addresses(self._app)
        variables |= {"COOLIFY_BRANCH": self._app.branch, "COOLIFY_RESOURCE_UUID": self._app.uuid}
        return " ".join(f"{key}='{value}'" for key, value in variables.items())

    def _make_bind_folders(self) -> None:
        """Make a folder for each relative bind mount, as raw mode does even where a file is meant (App 2042-2070)."""
        for service in rewrite.load(self.rewritten.deployed).get("services", {}).values():
            for volume in service.get("volumes", []):
                source = volume.split(":")[0] if isinstance(volume, str) else str(volume.get("source", ""))
                if source.startswith("./"):
                    (self._host / source).mkdir(parents=True, exist_ok=True)

    def _write_configuration(self) -> None:
        """Write what stays on the host (AJ 1035-1091)."""
        if self._rewritten is None:
            return
        if self._app.preserve and self._helper is not None:
            self._helper.fetch(self._in_helper, self._host)
        name = f"docker-compose-pr-{self._pull_request}.yaml" if self._pull_request else "docker-compose.yaml"
        self._write(self._host / name, self._rewritten.deployed)
        self._write(self._host / "README.md", f"# {self._app.name}\n\nWritten by Coolify at each deployment.\n")

    def _dotenv(self) -> str:
        return application_dotenv(self._app, self._services, self._commit, self._pull_request)

    def _write(self, path: Path, text: str) -> None:
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise DeploymentFailed(f"tee: {path}: {error.strerror}") from error

    def _ended(self, line: str, done: subprocess.CompletedProcess[str]) -> None:
        self.commands.append(line)
        require(line, done)

    def _git(self, *arguments: str) -> str:
        done = run(["git", *arguments], {"PATH": self._engine.environ["PATH"], **GIT_ENVIRON})
        if done.returncode != 0:
            raise DeploymentFailed(f"git {arguments[0]}: {done.stderr}")
        return done.stdout.strip()
