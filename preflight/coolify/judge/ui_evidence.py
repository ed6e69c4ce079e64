"""What is known of the variables in Coolify's UI: from ``.env`` as deployed last, and from the API as it stands now.

``.env`` has one path for production and previews, so after a preview it tells nothing of production; then a production
container tells, if it was given the whole of ``.env`` (facts of AJ 1326-1493 and 1594-1610).
"""

from collections.abc import Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING

from preflight.context import Context
from preflight.coolify.host.deployed import Deployed
from preflight.coolify.judge.previews import preview_of
from preflight.coolify.resource import Resource
from preflight.envfile import EnvFile
from preflight.envfile.template import TemplateProblem, expand
from preflight.errors import CouldNotLook
from preflight.lib.records import frozen
from preflight.lib.regex import regex
from preflight.lib.text import printable

if TYPE_CHECKING:
    from preflight.coolify.api.client import UiVariable

_REFERENCE = regex(r"\{\{\s*(team|project|environment|server)\.([^{}]+?)\s*\}\}")


@frozen
class Known:
    """One variable as one place tells it.

    Args:
        value: As a container would get it; None: it is there, but its value is not told. A secret.
        line: In ``.env``, from 1.
        shared: The shared variable it is written to refer to, e.g. "team.IMAGE"; "" if none.
        outside: What ``${…}`` in the compose file makes of it, where that is known to be something else.
        is_broken: Its value has a malformed ``${…}``, which Compose refuses.
    """

    value: str | None = field(repr=False)
    line: int | None = None
    shared: str = ""
    outside: str | None = field(default=None, repr=False)
    is_broken: bool = False

    @property
    def interpolated(self) -> "Known":
        """The same as ``${…}`` in the compose file sees it."""
        return self if self.outside is None else replace(self, value=self.outside, outside=None)

    @property
    def is_blank(self) -> bool:
        """Whether it is set to nothing, which still overrides another value."""
        return self.value == ""

    @property
    def unresolved(self) -> str:
        """The shared variable that Coolify does not know and left as ``{{…}}`` (EV 310-356); "" if none."""
        return _reference(self.value)


@frozen
class Evidence:
    """What is known of production's variables.

    Args:
        last: Those that the last deployment had, by name; None where nothing tells.
        ui: Those that stand in the UI now, and so will be deployed next; None where the API was not asked.
        preview: The pull request whose values ``.env`` holds; "" if production's.
        from_container: ``last`` is what a container was given, since ``.env`` does not tell.
        no_last: Why ``last`` is None.
        no_ui: Why ``ui`` is None although it was to be asked.
    """

    last: Mapping[str, Known] | None
    ui: Mapping[str, Known] | None
    preview: str = ""
    from_container: bool = False
    no_last: CouldNotLook | None = None
    no_ui: CouldNotLook | None = None

    @property
    def places(self) -> tuple[str, ...]:
        """Where it was looked, for people."""
        last = "a production container" if self.from_container else ".env of the last deployment"
        return (*((last,) if self.last is not None else ()), *(("Coolify's API",) if self.ui is not None else ()))

    @property
    def missing(self) -> CouldNotLook | None:
        """Why nothing is known at all; None where something is."""
        if self.last is not None or self.ui is not None:
            return None
        return self.no_ui or self.no_last


def gather(ctx: Context, resource: Resource, deployed: Deployed | CouldNotLook, *, feeds: bool) -> Evidence:
    """Collect what is known; what cannot be looked at is kept as the reason.

    Args:
        ctx: Doors and deadline.
        resource: Whose variables.
        deployed: What was deployed last, or why that is not known.
        feeds: The containers of the service are given the whole of ``.env``.
    """
    ui, no_ui = _from_api(ctx, resource)
    if isinstance(deployed, CouldNotLook):
        return Evidence(None, ui, no_last=deployed, no_ui=no_ui)
    if deployed.variables is None:
        return Evidence(None, ui, no_last=_no_env_file(resource), no_ui=no_ui)
    if preview := preview_of(deployed.variables):
        last = _from_container(ctx, resource) if feeds else None
        why = None if last is not None else _of_preview(resource, preview)
        return Evidence(last, ui, preview, last is not None, why, no_ui)
    cut = next((each for each in deployed.variables.assignments if each.value is None), None)
    if cut is not None:
        return Evidence(None, ui, no_last=_half_written(resource, cut.line), no_ui=no_ui)
    return Evidence(_from_file(deployed.variables, deployed.source.environ), ui, no_ui=no_ui)


def _from_file(variables: EnvFile, outside: Mapping[str, str]) -> dict[str, Known]:
    return {
        each.name: Known(each.value or "", each.line, _reference(each.value), outside.get(each.name))
        for each in variables.assignments  # of two lines for one name the last counts
    }


def _from_container(ctx: Context, resource: Resource) -> dict[str, Known] | None:
    if not resource.containers:
        return None
    given = ctx.doors.engine.environment(resource.containers[0], ctx.deadline)
    return {name: Known(value) for name, value in given.items()}


def _from_api(ctx: Context, resource: Resource) -> tuple[dict[str, Known] | None, CouldNotLook | None]:
    try:
        rows = ctx.doors.coolify.variables(resource, ctx.deadline)
    except CouldNotLook as problem:
        return None, problem
    if rows is None:
        return None, None
    rows = tuple(row for row in rows if row.reaches(resource.kind))
    told = {row.key: _told(row) for row in rows}
    literal = {row.key for row in rows if row.is_literal}
    return {
        row.key: Known(
            told[row.key] if row.key in literal else _expanded(told[row.key], told),
            shared=_reference(row.value) or ("a shared variable" if row.is_shared else ""),
            is_broken=row.key not in literal and _is_broken(told[row.key]),
        )
        for row in rows
    }, None


def _told(row: "UiVariable") -> str | None:
    """Return a row's value, None where it is hidden; ``real_value`` has the quotes of ``.env`` (EV 181-220)."""
    if not row.is_shared and row.value is not None:
        return row.value
    real = row.real_value
    is_quoted = row.is_literal and real is not None and len(real) > 1 and real[0] == real[-1] == "'"
    return real[1:-1] if real is not None and is_quoted else real


def _expanded(value: str | None, others: Mapping[str, str | None]) -> str | None:
    """Return a value as Compose reads it from ``.env``, None where that cannot be told."""
    if value is None or "$" not in value:
        return value if value is None else value.strip()
    try:
        return expand(value, others.get).strip()
    except TemplateProblem:
        return None


def _is_broken(value: str | None) -> bool:
    """Whether Compose refuses to interpolate a value, whatever the others are."""
    try:
        expand(value or "", lambda _: "x")
    except TemplateProblem:
        return True
    return False


def _reference(value: str | None) -> str:
    found = _REFERENCE.fullmatch((value or "").strip())
    return "" if found is None else f"{found[1]}.{printable(found[2], 60)}"


def _shown(resource: Resource) -> str:
    return printable(str(resource.env_file))


def _no_env_file(resource: Resource) -> CouldNotLook:
    return CouldNotLook(
        f"there is no {_shown(resource)}, which Coolify writes at each deployment",
        "Redeploy it in Coolify; if it is there, run preflight as root on the server.",
    )


def _of_preview(resource: Resource, preview: str) -> CouldNotLook:
    return CouldNotLook(
        f"{_shown(resource)} holds the values of preview {preview}: no evidence about production",
        "Redeploy production in Coolify, which writes it again, or give preflight the API (PREFLIGHT_COOLIFY_URL, "
        "PREFLIGHT_COOLIFY_TOKEN).",
    )


def _half_written(resource: Resource, line: int) -> CouldNotLook:
    return CouldNotLook(
        f"{_shown(resource)}:{line} has no `=`: it is half-written",
        "Wait for the deployment that is under way, or redeploy in Coolify; then run preflight again.",
    )
