"""A page a check, the list of them, and the table in README."""

from collections.abc import Iterator
from typing import Any

from docs.made.markdown import code, escaped, paragraph, table
from preflight.check import NoSettings
from preflight.failures import COMMON
from preflight.model import About, CheckResult, Failure, Finding, Stage, Status
from preflight.report import Style
from preflight.run.contract import CheckClass
from preflight.run.discovery import discover
from preflight.run.explanation import needs, settings_of, severity
from preflight.run.reporters.table_report import entry
from preflight.run.setup import SETUP

_WIDTH = 100
_SHOWN = (
    "Each is shown as the table prints it, in general words; a run names the file, the line and the thing. The remedy "
    "follows the arrow. To accept one until a day, name it under `waivers:` in `preflight.yaml`; for one run, use "
    "`--allow ID/CODE`. An error cannot be accepted."
)


def pages() -> Iterator[tuple[str, str]]:
    """Yield the name of each page in ``docs/manual/checks/`` and its text."""
    checks = found()
    yield "index.md", _index()
    for check in checks:
        yield f"{check.about.id}.md", _page(check.about, check.settings_type)
    yield f"{SETUP.id}.md", _page(SETUP, NoSettings)


def found() -> tuple[CheckClass, ...]:
    """Return the checks of this package, in the order of cause and effect."""
    discovered = discover()
    if discovered.broken:
        raise SystemExit(f"{discovered.broken[0].name} does not load: {discovered.broken[0].reason}")
    return discovered.checks


def check_table(folder: str) -> str:
    """Return the table of all checks.

    Args:
        folder: Where the pages lie, as seen from the page that shows the table; empty or with a slash at its end.
    """
    rows = [
        (f"[`{check.about.id}`]({folder}{check.about.id}.md)", escaped(check.about.title), needs(check.about))
        for check in found()
    ]
    return table(("check", "what it proves", "looks at"), rows)


def _index() -> str:
    common = [(code(each.code), escaped(each.says), severity(each), escaped(each.fix)) for each in COMMON]
    return f"""# Checks

Each check asks one question and answers it with findings. `preflight list` prints this table, and
`preflight explain ID` prints the page of a check.

{check_table("")}
The last column names what a check must be able to see. Where that is missing, it could not look, or it does not apply:

| word | means |
| --- | --- |
| pin | a pin that was found, or is configured |
| compose | Docker Compose, the program |
| engine | the Docker engine on this host |
| git | the git work tree |
| network | the registry, the git remote, or the API of GitHub or Coolify; `--offline` leaves such a check out |
| branch | the branch that is deployed |
| deployment | an earlier deployment; before the first one there is nothing to look at |

## What any check may end with

{table(("code", "what it means", "severity", "what to do"), common)}"""


def _page(about: About, settings_type: type[Any]) -> str:
    undescribed = [each.name for each in settings_of(settings_type) if not each.meaning]
    if undescribed:
        raise SystemExit(f"nothing says what settings of {about.id} mean: {', '.join(undescribed)}")
    settings = [
        (code(each.name), each.kind, code(each.default), _meaning(each.meaning, each.values))
        for each in settings_of(settings_type)
    ]
    failures = "\n".join(_failure(about, each) for each in about.failures)
    configured = (
        f"\n## Settings\n\nUnder `checks: {{{about.id}: …}}` in `preflight.yaml`:\n\n"
        + table(("setting", "type", "default", "meaning"), settings)
        if settings
        else ""
    )
    tags = f" Tags: {', '.join(sorted(about.tags))}." if about.tags else ""
    return f"""# {about.id}

*{escaped(about.title)}.*{tags} Looks at: {needs(about)}.

## What it asks

{paragraph(escaped(about.asks))}

## Why it matters

{paragraph(escaped(about.why))}
{configured}
## Failures

{paragraph(_SHOWN)}

{failures}"""


def _meaning(meaning: str, values: tuple[str, ...]) -> str:
    allowed = f" One of {', '.join(code(value) for value in values)}." if values else ""
    return escaped(meaning) + allowed


def _failure(about: About, failure: Failure) -> str:
    fixed = "" if failure.waivable else " Neither a waiver nor `--allow` lets it through."
    return f"""### {failure.code}

{escaped(failure.says)}

It {severity(failure)}.{fixed}

```text
{_example(about, failure)}
```
"""


def _example(about: About, failure: Failure) -> str:
    """Return the failure as a table prints it, at the stage at which it is more serious, with the declared words."""
    status = min((failure.status(stage) for stage in Stage), key=lambda each: each.rank)
    finding = Finding(status, failure.says, "" if status is Status.PASS else failure.fix, failure=failure)
    result = CheckResult(about, (finding,), 0.0)
    return entry(result, finding, Style(width=_WIDTH))
