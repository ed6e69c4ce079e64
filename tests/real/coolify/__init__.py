"""A stand-in for Coolify, which cannot run on a test machine.

It does with real git, real Compose and a real engine what Coolify 4.3.11 does to a Docker Compose application or
a service stack, as read in its source (AJ is ``app/Jobs/ApplicationDeploymentJob.php``, P is
``bootstrap/helpers/parsers.php``, Svc is ``app/Models/Service.php``). Each function names the lines it follows. What it
shows is what those lines say, not that a Coolify was seen doing it.

It follows: the clone of the branch's tip; the rewrite of the compose file in default mode, in raw mode and in
service stacks, with environment, labels, container names and ``env_file:``; the rows that Coolify itself creates among
the UI's variables; ``.env`` with its order and quoting; the folders on the host and what is written there when;
Preserve Repository; the removal of the old containers; `up` with its shell variables and options, on the host or inside
a helper container that is gone afterwards; previews; the pre-deployment command and the custom build command.

It leaves out: ssh, the database and the UI, the build step, networks, named volumes and their renaming, health checks,
the proxy and its labels, magic values (``SERVICE_PASSWORD_…``), custom start commands, build secrets, parsing
versions before 3 and every build pack but Docker Compose.
"""

from tests.real.coolify.resource import Application, ServiceStack, UiVariable, Variables
from tests.real.coolify.server import Coolify, Deployment
from tests.real.coolify.shell import DeploymentFailed

__all__ = ["Application", "Coolify", "Deployment", "DeploymentFailed", "ServiceStack", "UiVariable", "Variables"]
