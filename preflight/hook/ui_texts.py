"""The texts to paste into Coolify's UI, made for one application."""

import shlex

from preflight.hook.application_fields import UNKNOWN_UUID, ApplicationFields
from preflight.hook.second_gate import LONGEST_COMMAND, SCRIPT, custom_build_command, gate_script

SIDECAR = "preflight"
"""Name of the sidecar's service in docker/coolify/compose.preflight.yaml."""

_WAIT_S = 120


def pre_deployment_command(place: ApplicationFields) -> str:
    """Return the command for "Pre-deployment": one line, no comment, its exit code the last thing it has."""
    return shlex.join(["preflight", "hook", "--repository", place.repository, *place.where])


def post_deployment_command(place: ApplicationFields) -> str:
    """Return the command for "Post-deployment": whether the pin arrived, in what Coolify left on the server.

    It runs in the sidecar of the new deployment (AJ 529-556). What it finds ends in the deployment's log; it blocks
    nothing, since Coolify calls the deployment finished before (AJ 4860-4868).
    """
    where = ["preflight", "-C", f"{place.root}/applications/{place.application}"]
    return shlex.join([*where, "run", "--stage", "after", "--wait", str(_WAIT_S), "--tag", "runtime"])


def instructions(place: ApplicationFields) -> str:
    """Return what to do in Coolify, step by step, with the texts to paste."""
    return f"""\
Paste into Coolify (application {place.application}); nothing was written here.

1. Configuration > General
   Build Pack                    Docker Compose
   Base Directory                {place.base_directory}
   Docker Compose Location       {place.compose_location}
   Raw Compose Deployment        on    the default mode replaces every env_file: by Coolify's own .env
   Preserve Repository           on    copies the base directory, and so the pin file, to where `up` looks for it
   The path of the pin file in env_file: is then relative to the base directory: write ./NAME.env.

2. In the compose file: the sidecar of docker/coolify/compose.preflight.yaml (or compose.preflight-proxy.yaml), with
   {UNKNOWN_UUID} replaced by {place.application}. In raw mode labels: must be lists ("- a=b") in every service:
   Coolify appends its own to them. Deploy once: a first deployment is never gated, for no container is there yet.

3. Configuration > Advanced > Pre/Post Deployment Commands
   Pre-deployment                {pre_deployment_command(place)}
   Container name                {SIDECAR}
   Post-deployment               {post_deployment_command(place)}
   Container name                {SIDECAR}
   The second writes into the deployment's log whether the pin arrived; it needs exec, which the proxy refuses.

4. The second gate, which sees the very checkout that is deployed. Coolify keeps {LONGEST_COMMAND} characters of the
   command, so it calls a script: paste these lines into a shell in the root of the checkout, and commit the file. Have
   the pins in preflight.yaml (`preflight init` writes it): in the default mode nothing in that checkout tells of them.

{_paste(place)}
   Configuration > General > Custom Build Command; it ends with the build that Coolify would do itself:
   {_command_or_reason(place)}

5. On the server, for a job of every hour: what runs is what was approved.
   preflight run --only approved-\
rollout --output json=/var/lib/preflight.json     with, in preflight.yaml:
   checks: {{approved-\
rollout: {{receipts: {place.state}/{place.application}/receipts}}}}

`preflight explain hook` says why each of these is as it is.
"""


def _paste(place: ApplicationFields) -> str:
    """Return the shell's lines that write the script."""
    path = f"{place.base_directory.strip('/')}/{SCRIPT}".lstrip("/")
    return f"cat > {shlex.quote(path)} <<'PREFLIGHT'\n{gate_script(place)}PREFLIGHT\n"


def _command_or_reason(place: ApplicationFields) -> str:
    try:
        return custom_build_command(place)
    except ValueError as error:
        return f"(none: {error})"
