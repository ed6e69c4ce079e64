"""Steps and workflows for tests, and what the room says of them."""

from collections.abc import Mapping
from pathlib import Path

from preflight import Deadline
from preflight.lib.yamlfile import parse
from preflight.workflows.collect import Workflows, read_workflows
from preflight.workflows.expressions import Scope
from preflight.workflows.job import given_inputs
from preflight.workflows.judge import JudgedStep, PackageReleases, Risk, judge_steps
from preflight.workflows.language import Language
from preflight.workflows.model import Job, Place, Script, Step
from preflight.workflows.package import Package
from preflight.workflows.repository import ThisRepository
from preflight.workflows.value import Value

PACKAGE = Package("acme", "agent/runner")
REPOSITORY = ThisRepository.named("acme/agent")
NONE, POSSIBLE, CERTAIN = Risk.NONE, Risk.POSSIBLE, Risk.CERTAIN


def step(uses: str, inputs: str = "", *, comment: str = "", repository: ThisRepository | None = None) -> Step:
    """Return a step that uses an action with inputs, written as a flow mapping without its braces."""
    body = parse(f"with: {{{inputs}}}\n", Path("w.yml"))
    scope = Scope(github=(repository or ThisRepository()).context())
    return Step(Place(Path("w.yml"), 6), Job("prune"), uses, comment, given_inputs(body, scope))


def judged(
    uses: str,
    inputs: str = "",
    *,
    package: Package = PACKAGE,
    releases: PackageReleases | None = None,
    comment: str = "",
    repository: ThisRepository | None = None,
) -> JudgedStep:
    """Return what is said of one step that uses an action; where it cannot be told, a reason must be."""
    steps = [step(uses, inputs, comment=comment, repository=repository)]
    [found] = judge_steps(steps, package, releases or PackageReleases(), Deadline.after(30), repository)
    assert bool(found.unknown or found.doubts) is (found.risk is Risk.POSSIBLE)
    return found


def script(
    text: str,
    language: Language = Language.SHELL,
    env: Mapping[str, str] | None = None,
    repository: ThisRepository | None = None,
) -> Script:
    """Return a script that is a file of its own."""
    values = {name.lower(): Value(value) for name, value in (env or {}).items()}
    here = repository or ThisRepository()
    return Script(text, Value(text), Place(Path("x.sh"), 1), tuple(text.split("\n")), values, language, here)


def workflows(root: Path, files: Mapping[str, str], repository: ThisRepository | None = None) -> Workflows:
    """Write files, and return what is found in the workflows among them."""
    for name, content in files.items():
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8")
    return read_workflows(root.resolve(), Deadline.after(30), repository)


def workflow(steps: str, *, head: str = "on: push\n", job: str = "") -> dict[str, str]:
    """Return one workflow whose only job has some steps, written from the first column on."""
    indented = "".join(f"      {line}\n" for line in steps.split("\n"))
    return {".github/workflows/w.yml": f"{head}jobs:\n  j:\n    runs-on: x\n{job}    steps:\n{indented}"}
