"""All that the workflows of a repository can delete of a package: read once, judged for each package."""

from collections.abc import Sequence
from pathlib import Path

from preflight.context import Context
from preflight.lib.records import frozen
from preflight.lib.reference import ImageReference
from preflight.workflows.collect import Workflows, read_workflows
from preflight.workflows.judge import JudgedStep, PackageReleases, judge_steps, judge_unseen
from preflight.workflows.package import Package
from preflight.workflows.published import known_releases
from preflight.workflows.repository import ThisRepository, this_repository


@frozen
class Survey:
    """What was read.

    Args:
        root: The root of the work tree.
        workflows: Their steps, and what cannot be seen of them.
        repository: The repository that runs them.
        reviewed: Files, from the root, that a person has read.
    """

    root: Path
    workflows: Workflows
    repository: ThisRepository
    reviewed: frozenset[str]

    def unseen(self) -> tuple[JudgedStep, ...]:
        """Return what may delete packages and cannot be seen, whichever package it is."""
        return tuple(each for each in judge_unseen(self.workflows.unseen) if not self.is_reviewed(each))

    def judge(
        self, ctx: Context, package: Package, image: ImageReference, releases: PackageReleases
    ) -> tuple[JudgedStep, ...]:
        """Judge all steps for one package; once more with what the registry knows of its releases if that can matter.

        Args:
            ctx: Asks the registry, unless it is offline.
            package: To judge for.
            image: Pinned, in that package.
            releases: As the settings say they look.

        Raises:
            DeadlineExceeded: There is no time left.
        """
        judged = self._judged(ctx, package, releases)
        if ctx.options.offline or not any(each.risk and not each.opaque for each in judged):
            return judged
        known = known_releases(ctx, image, releases)
        return self._judged(ctx, package, known) if known != releases else judged

    def is_reviewed(self, judged: JudgedStep) -> bool:
        """Whether a person has read what only a person can judge."""
        if not judged.opaque or not judged.place.path.is_relative_to(self.root):
            return False
        return str(judged.place.path.relative_to(self.root)) in self.reviewed

    def _judged(self, ctx: Context, package: Package, releases: PackageReleases) -> tuple[JudgedStep, ...]:
        return judge_steps(self.workflows.steps, package, releases, ctx.deadline, self.repository)


def survey(ctx: Context, root: Path, repository: str, reviewed: Sequence[str]) -> Survey:
    """Read the workflows of a work tree.

    Args:
        ctx: The context; its git says which repository runs them.
        root: The root of the work tree.
        repository: The same as ``OWNER/NAME``, if it is given; else empty.
        reviewed: Files, from the root, that a person has read.

    Raises:
        WorkflowProblem: The folder of the workflows cannot be listed.
        DeadlineExceeded: There is no time left.
    """
    runs = this_repository(ctx, repository)
    paths = frozenset(path.removeprefix("./") for path in reviewed)
    return Survey(root, read_workflows(root, ctx.deadline, runs), runs, paths)
