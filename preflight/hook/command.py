"""What the operator wrote into the field of Coolify, understood."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

from preflight.errors import ConfigurationError
from preflight.lib.records import frozen
from preflight.lib.text import printable

STATE_DIR = Path("/var/lib/preflight")
"""Where the image and the sidecar keep what has to outlive a run."""

LONGEST_OPENING = timedelta(days=7)
_MAX_REASON = 200
_JUDGED = (
    *("repository", "branch", "commit", "application", "base_directory", "compose_location"),
    *("depth", "reuse_s", "registry_insecure"),
)
"""Options that tell what is judged, and are named where the environment gives them; ``opened_by`` names the rest."""


@frozen
class Opening:
    """The gate is open whatever is found, until a moment.

    Args:
        until: The moment, with time zone.
        reason: Why; shown and logged.
    """

    until: datetime
    reason: str

    def holds(self, now: datetime) -> bool:
        """Whether it is open now."""
        return now < self.until


@frozen
class Order:
    """One run of the hook.

    Args:
        repository: Address to fetch from; empty: from Coolify's API.
        branch: Name of the branch; empty: from Coolify's API, or from COOLIFY_BRANCH.
        commit: Full id of the commit that is deployed in place of the branch's newest.
        checkout: A checkout that is there already and is judged in place of the branch's head.
        application: UUID in Coolify; empty: from COOLIFY_RESOURCE_UUID, or by looking.
        base_directory: As in Coolify, e.g. ``/docker``; empty: not said.
        compose_location: As in Coolify, e.g. ``/compose.app.yaml``; empty: not said.
        config: A configuration that the operator named; None: that of the checkout.
        state_dir: For lock, log, report and receipts.
        work_dir: In which the checkout is made; None: where temporary files go.
        git_token_file: Holds a token for the repository.
        only: Ids of checks; empty means all.
        skip: Ids of checks to leave out.
        allow: Failures that do not block, as ID/CODE. An error (could not look) is never let through.
        allow_unreachable_registry: A registry that does not answer does not block.
        opening: The gate is open whatever is found.
        timeout_s: For fetching and judging.
        lock_wait_s: For another run to end.
        reuse_s: For so long a pass answers again for the same commit.
        depth: Commits of the history to fetch.
        strict: Warnings and skips block too.
        registry_insecure: ``HOST:PORT`` that may be asked in plain HTTP.
        from_environ: Names of the options that stand not in the command but in the environment: in default mode every
            variable of Coolify's UI is one of the sidecar's.
    """

    state_dir: Path
    repository: str = ""
    branch: str = ""
    commit: str = ""
    checkout: Path | None = None
    application: str = ""
    base_directory: str = ""
    compose_location: str = ""
    config: Path | None = None
    work_dir: Path | None = None
    git_token_file: Path | None = None
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    allow_unreachable_registry: bool = False
    opening: Opening | None = None
    timeout_s: float = 60.0
    lock_wait_s: float = 90.0
    reuse_s: float = 180.0
    depth: int = 50
    strict: bool = False
    registry_insecure: tuple[str, ...] = ()
    from_environ: tuple[str, ...] = ()

    def refuse_contradictions(self) -> None:
        """Refuse options that name two things to judge, and a folder that only the environment names.

        In default mode whoever may write a variable in Coolify's UI writes into the environment of the sidecar.

        Raises:
            ConfigurationError: Names the options.
        """
        if self.checkout is None:
            return
        if "checkout" in self.from_environ:
            raise ConfigurationError(
                "PREFLIGHT_CHECKOUT in the environment names a folder to judge in place of what is deployed",
                "Unset it. If a checkout is meant, write --checkout DIR into the command.",
            )
        fetched = [f"--{name}" for name, given in (("repository", self.repository), ("commit", self.commit)) if given]
        if fetched:
            origin = self._origin(fetched[0].removeprefix("--"))
            raise ConfigurationError(
                f"--checkout judges a folder, {fetched[0]}{origin} names what to fetch: it can be one of them",
                f"Leave --checkout out in the pre-deployment command, and {fetched[0]} in the custom build command.",
            )

    def set_by_environment(self) -> tuple[str, ...]:
        """Return the variables of the environment that tell what is judged, and how; each is named with the verdict."""
        told = [name for name in _JUDGED if name.removesuffix("_s") in self.from_environ and getattr(self, name)]
        return tuple(f"PREFLIGHT_{name.removesuffix('_s').upper()}" for name in told)

    def opened_by(self, now: datetime) -> tuple[str, ...]:
        """Return how the gate is open, or wider than it was built, one line each; shown, logged and in the receipt."""
        said = {"only": ",".join(self.only), "skip": ",".join(self.skip), "allow": ",".join(self.allow)}
        said["config"] = str(self.config or "") if "config" in self.from_environ else ""
        lines = [f"--{name} {value}{self._origin(name)}" for name, value in said.items() if value]
        if self.allow_unreachable_registry:
            lines.append(f"--allow-unreachable-registry{self._origin('allow_unreachable_registry')}")
        if self.opening is not None and self.opening.holds(now):
            until = f"{self.opening.until:%Y-%m-%d %H:%M %Z}"
            lines.append(f"open until {until} ({self.opening.reason}){self._origin('open_until')}")
        return tuple(lines)

    def _origin(self, name: str) -> str:
        return f" (PREFLIGHT_{name.upper()} in the environment)" if name in self.from_environ else ""


def read_opening(until: str, reason: str, now: datetime) -> Opening | None:
    """Return what ``--open-until`` and ``--reason`` say; None for neither.

    Raises:
        ConfigurationError: One lacks the other, the moment is none, or lies too far ahead.
    """
    if not until and not reason:
        return None
    if not until or not reason.strip():
        raise ConfigurationError(
            "--open-until and --reason go together", "Write both: --open-until 2027-01-31T18:00Z --reason 'why'."
        )
    try:
        moment = datetime.fromisoformat(until)
    except ValueError as error:
        raise ConfigurationError(
            f"--open-until {printable(until, 40)} is no moment", "Write it as 2027-01-31T18:00Z (UTC)."
        ) from error
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    if moment > now + LONGEST_OPENING:
        raise ConfigurationError(
            f"--open-until {printable(until, 40)} is more than {LONGEST_OPENING.days} days ahead",
            "Open the gate for the deployment at hand only; fix what it found meanwhile.",
        )
    return Opening(moment.astimezone(UTC), printable(reason, _MAX_REASON))


def inside(text: str, option: str) -> str:
    """Return a path inside the repository, as Coolify's fields have it, relative to the root; "" for the root.

    Raises:
        ConfigurationError: It leads out of the repository.
    """
    path = PurePosixPath("/" + text)
    if ".." in path.parts or "\0" in str(path):
        raise ConfigurationError(f"{option} leads out of the repository", "Write it as in Coolify: /docker, say.")
    return str(path).strip("/")


_KEPT_NAMES = frozenset(
    {
        *("PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ", "TMPDIR", "GITHUB_TOKEN", "GH_TOKEN"),
        *("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    }
)
_KEPT_PREFIXES = ("PREFLIGHT_", "DOCKER_", "GIT_", "COOLIFY_", "SSL_", "LC_", "PYTHON", "COVERAGE_")
_PROXIES = frozenset({"http_proxy", "https_proxy", "no_proxy", "all_proxy"})


def surroundings(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the part of a container's environment that Coolify's ``up`` has as well, or that is meant for us.

    In default mode Coolify gives every container all variables of its UI: in the environment of the sidecar they
    would look as if the shell that calls Compose had exported them, and so override the files.
    """
    return {
        name: value
        for name, value in environ.items()
        if name in _KEPT_NAMES or name.startswith(_KEPT_PREFIXES) or name.lower() in _PROXIES
    }
