"""A stand-in for Coolify, which cannot run on a test machine.

It does with real git, real Compose and a real engine what Coolify 4.3.11 does to a Docker Compose application or
a service stack, as read in its source (AJ is ``app/Jobs/ApplicationDeploymentJob.php``, P, D and SH are
``parsers.php``, ``docker.php`` and ``shared.php`` in ``bootstrap/helpers/``, App, EV and Svc are ``Application.php``,
``EnvironmentVariable.php`` and ``Service.php`` in ``app/Models/``). Each function names the lines it follows. What the
parser makes of a file, and ``.env``, are held against what the real code answered (``records/``); the rest shows what
those lines say, not that a Coolify was seen doing it.

It follows: the clone of the branch's tip; how Symfony reads and writes YAML; the rewrite of the compose file in default
mode, in raw mode and in service stacks, with environment, labels, container names, networks, volumes and ``env_file:``;
the rows that Coolify itself creates among the UI's variables; ``.env`` with its order and quoting; the folders on the
host and what is written there when; Preserve Repository; the removal of the old containers; `up` with its shell
variables and options, on the host or inside a helper container that is gone afterwards; previews; the pre-deployment
command and the custom build and start commands.

It leaves out: ssh, the database and the UI, the build step, the storages' rows, health checks, the addresses that
Coolify makes up (``SERVICE_FQDN_…``, ``SERVICE_URL_…``), Swarm, build secrets, parsing versions before 3 and every
build pack but Docker Compose.
"""

from tests.real.coolify.resource import Application, ServiceStack, UiVariable, Variables
from tests.real.coolify.server import Coolify, Deployment
from tests.real.coolify.shell import DeploymentFailed

__all__ = ["Application", "Coolify", "Deployment", "DeploymentFailed", "ServiceStack", "UiVariable", "Variables"]
