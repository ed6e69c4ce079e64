"""One deployment of an application, step by step as ApplicationDeploymentJob takes them."""

import subprocess
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path

from tests.real.coolify import rewrite
from tests.real.coolify.commands import shell_variables, with_options
from tests.real.coolify.dotenv import application_dotenv, build_time_dotenv
from tests.real.coolify.helper import Helper, helper, provide_image
from tests.real.coolify.hook import containers_of, run_post_deployment_command, run_pre_deployment_command
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
            self.commands += run_pre_deployment_command(self._engine, self._app, self._pull_request, self.log)
            try:
                self._prepare()
                self._build()
                self._write_variables()
                self._remove_old()
                self._up()
            finally:
                self._write_configuration()  # of every deployment, failed ones too (AJ 399-406)
            self.commands += run_post_deployment_command(self._engine, self._app, self._pull_request, self.log)

    @property
    def _workdir(self) -> Path:
        """What the helper holds of the base directory."""
        return self._checkout / self._app.below.lstrip("/")

    def _start_helper(self, stack: ExitStack) -> Helper | None:
        """Start the helper where something runs in it or is copied out of it; the rest needs only its checkout."""
        provide_image(self._engine)  # it is on every server, and every deployment but ours runs it
        custom = self._app.custom_build_command or self._app.custom_start_command
        needed = not self._app.raw or self._app.preserve or custom
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
        self._text = text
        if self._app.raw:
            self._rewritten = rewrite.rewrite_raw(text, self._app)
            self._make_bind_folders(text)
        else:
            self._rewritten = rewrite.rewrite_default(text, self._app, self._pull_request, self._commit)
        self._write(file, self._deployed)
        self._put(self._checkout, f"{_HELPER_FOLDER}/{self.uuid}")

    def _build(self) -> None:
        """Run the custom build command; the build itself is left out (AJ 733-769)."""
        if self._app.custom_build_command and self._helper is not None:
            env_file = f"{_HELPER_FOLDER}/build-time.env"
            self._put_file(env_file, build_time_dotenv(self._app, self._pull_request))
            work = self._in_helper
            options = {"folder": work, "file": f"{work}{self._app.compose_location}", "env_file": env_file}
            command = f"DOCKER_BUILDKIT=1 {with_options(self._app.custom_build_command, **options)}"
            line = f"cd {_HELPER_FOLDER}/{self.uuid} && {command}"
            self._ended(line, self._helper.run(line))

    def _write_variables(self) -> None:
        """Write ``.env`` on the host and in the helper, over the repository's own (AJ 1582-1610)."""
        self._put_file(f"{self._in_helper}/.env", self._dotenv())
        self._write(self._host / ".env", self._dotenv())

    def _remove_old(self) -> None:
        """Remove the old containers, before `up`; with consistent names only the one called like the application.

        Without them go those of the same pull request; no label is as good as 0 (AJ 4026-4041, D:46-90).
        """
        if self._app.consistent_names:
            name = f"{self._app.uuid}-pr-{self._pull_request}" if self._pull_request else self._app.uuid
            self._engine.docker("rm", "-f", name, check=False)
            return
        same = containers_of(self._engine, self._app, self._pull_request)
        if same:
            self._engine.docker("rm", "-f", *same)

    def _up(self) -> None:
        """Run `up` with the very options of AJ 843-893, or the custom start command."""
        host, work, name = self._host, self._in_helper, self._app.uuid
        location = self._app.compose_location
        if self._app.raw or self._app.preserve or self._app.custom_start_command:
            self._write_configuration()
        if self._app.custom_start_command:
            self._start()
            return
        if self._app.raw:
            # a preview too reads production's file (AJ 844-845)
            options = f"--env-file {host}/.env --project-directory {host} -f {host}/docker-compose.yaml"
        elif self._app.preserve:
            options = f"--env-file {host}/.env --project-name {name} --project-directory {host} -f {host}{location}"
        else:
            options = f"--env-file {work}/.env --project-name {name} --project-directory {work} -f {work}{location}"
        self._run(
            f"{shell_variables(self._app, self._commit)}docker compose {options} up -d",
            self._app.raw or self._app.preserve,
        )

    def _start(self) -> None:
        """Run the custom start command; in raw mode it is given files that the helper does not see (AJ 822-875)."""
        folder = str(self._host) if self._app.preserve else self._in_helper
        files = str(self._host) if self._app.raw or self._app.preserve else self._in_helper
        command = with_options(
            self._app.custom_start_command,
            folder=folder,
            file=f"{files}{self._app.compose_location}",
            env_file=f"{files}/.env",
        )
        if self._app.preserve and not self._app.raw:
            self._run(f"cd {self._host} && {command}", on_server=True)
        else:
            start = self._in_helper if self._app.raw else f"{_HELPER_FOLDER}/{self.uuid}"
            self._run(f"cd {start} && {command}", on_server=False)

    def _run(self, line: str, on_server: bool) -> None:
        done = on_host(line, self._engine) if on_server or self._helper is None else self._helper.run(line)
        self._ended(line, done)

    def _make_bind_folders(self, text: str) -> None:
        """Make a folder for each bind mount, as raw mode does even where a file is meant (App 2042-2070)."""
        for source in rewrite.bind_sources_of(text):
            folder = self._host / source if source.startswith(".") else Path(source)
            with suppress(OSError):
                folder.mkdir(parents=True, exist_ok=True)

    def _write_configuration(self) -> None:
        """Write what stays on the host (AJ 1035-1091)."""
        if self._rewritten is None:
            return
        if self._app.preserve and self._helper is not None:
            self._helper.fetch(self._in_helper, self._host)
        name = f"docker-compose-pr-{self._pull_request}.yaml" if self._pull_request else "docker-compose.yaml"
        self._write(self._host / name, self._deployed)
        self._write(self._host / "README.md", f"# {self._app.name}\n\nWritten by Coolify at each deployment.\n")

    @property
    def _deployed(self) -> str:
        return self.rewritten.deployed or ""

    def _dotenv(self) -> str:
        """Return the variables; the services are those of the file, or of what the parser made of it last.

        Raises:
            DeploymentFailed: The file is a preview's that Symfony does not read, or the parser never read one.
        """
        text = self._text if self._app.raw or self._pull_request else self._app.docker_compose
        if text is None:
            raise DeploymentFailed("Yaml::parse(): Argument #1 ($input) must be of type string, null given")
        services = rewrite.service_names_of(text)
        return application_dotenv(self._app, services, self._commit, self._pull_request)

    def _put(self, folder: Path, target: str) -> None:
        if self._helper is not None:
            self._helper.put(folder, target)

    def _put_file(self, target: str, text: str) -> None:
        with tempfile.TemporaryDirectory(prefix="coolify-") as folder:
            self._write(Path(folder) / Path(target).name, text)
            self._put(Path(folder), str(Path(target).parent))

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
