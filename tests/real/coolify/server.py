"""A server that Coolify deploys to: its root folder, and the buttons Deploy, Save and Delete."""

from dataclasses import dataclass
from pathlib import Path

from tests.real.coolify import rewrite
from tests.real.coolify.dotenv import stack_dotenv
from tests.real.coolify.job import Job
from tests.real.coolify.resource import Application, ServiceStack, new_uuid
from tests.real.coolify.shell import on_host, require
from tests.real.engine import RealEngine


@dataclass(frozen=True)
class Deployment:
    """One that ended well.

    Args:
        uuid: Its own.
        commands: Every line of shell that was run, in order; the last is `up`.
        log: What its page says.
        docker_compose: What the UI ("Deployable Compose") and the API show, which need not be what was deployed.
    """

    uuid: str
    commands: tuple[str, ...]
    log: tuple[str, ...]
    docker_compose: str | None


class Coolify:
    """Deploys to one engine.

    Args:
        engine: The server's.
        root: Its ``/data/coolify``.
    """

    def __init__(self, engine: RealEngine, root: Path) -> None:
        self.engine, self.root = engine, root
        self._applications: dict[str, Application] = {}
        self._stacks: dict[str, ServiceStack] = {}

    def folder(self, resource: Application | ServiceStack) -> Path:
        """Return where a resource's files are kept on the server."""
        kind = "applications" if isinstance(resource, Application) else "services"
        return self.root / kind / resource.uuid

    def deploy(self, application: Application, *, pull_request: int = 0, commit: str = "") -> Deployment:
        """Deploy an application.

        Args:
            application: With its settings of this moment.
            pull_request: 0 for production; else its preview.
            commit: The branch's tip, if empty; the compose file is that of the tip in any case.

        Raises:
            DeploymentFailed: As Coolify shows it; what was done by then stays done.
        """
        self._applications[application.uuid] = application
        job = Job(
            self.engine,
            self.folder(application),
            application,
            uuid=new_uuid(),
            pull_request=pull_request,
            commit=commit,
        )
        job.run()
        return Deployment(job.uuid, tuple(job.commands), tuple(job.log), job.rewritten.column)

    def save(self, stack: ServiceStack) -> str | None:
        """Write a stack's files, as saving it does; return the compose file's text (Svc 1585-1644).

        Without a text that Symfony read once nothing is written.

        Raises:
            DeploymentFailed: The parser threw.
        """
        self._stacks[stack.uuid] = stack
        folder = self.folder(stack)
        text = rewrite.rewrite_stack(stack).deployed
        if text is None:
            return None
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "docker-compose.yml").write_text(text, encoding="utf-8")
        (folder / ".env").unlink(missing_ok=True)
        (folder / ".env").write_text(stack_dotenv(stack, rewrite.service_names_of(text)))
        return text

    def deploy_stack(self, stack: ServiceStack) -> Deployment:
        """Deploy a service stack (StartService.php:43).

        Raises:
            DeploymentFailed: As Coolify shows it.
        """
        text, folder = self.save(stack), self.folder(stack)
        line = (
            f"docker compose --project-directory {folder} -f {folder}/docker-compose.yml --project-name {stack.uuid} "
            "up -d --remove-orphans --force-recreate --build"
        )
        done = on_host(line, self.engine)
        require(line, done)
        return Deployment(new_uuid(), (line,), (), text)

    def container(self, resource: Application | ServiceStack, service: str) -> str:
        """Return the name of the newest container of a service (of a preview: ``SERVICE-pr-N``)."""
        found = self._containers(resource, f"label=com.docker.compose.service={service}")
        if not found:
            raise AssertionError(f"{resource.name} has no container of {service}")
        return self.engine.docker("inspect", "--format", "{{.Name}}", found[0]).stdout.strip().lstrip("/")

    def environment(self, resource: Application | ServiceStack, service: str) -> dict[str, str]:
        """Return the variables that a service's container was made with."""
        name = self.container(resource, service)
        shown = self.engine.docker("inspect", "--format", "{{range .Config.Env}}{{println .}}{{end}}", name).stdout
        return {key: value for key, _, value in (line.partition("=") for line in shown.splitlines() if line)}

    def clean(self) -> None:
        """Remove every container that was made."""
        resources: list[Application | ServiceStack] = [*self._applications.values(), *self._stacks.values()]
        for resource in resources:
            found = self._containers(resource)
            if found:
                self.engine.docker("rm", "-f", *found)

    def _containers(self, resource: Application | ServiceStack, *filters: str) -> list[str]:
        label = "applicationId" if isinstance(resource, Application) else "serviceId"
        words = [word for each in filters for word in ("--filter", each)]
        listed = self.engine.docker("ps", "-aq", "--filter", f"label=coolify.{label}={resource.number}", *words)
        return listed.stdout.split()
