"""The front door: everything a check may import. All other modules of this package are private.

Public and stable are the names below, the ids of the checks, the JSON report and the exit codes.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

# Not lazy: its module has the same name, and whoever imported that first would be given the module.
from preflight.nearest import nearest

if TYPE_CHECKING:
    from preflight.check import Check, NoSettings, could_not_look, failed, passed, skipped, warned
    from preflight.compose.binary import ComposeBinary
    from preflight.compose.entries import EnvFileEntry
    from preflight.compose.locate import ComposeSource
    from preflight.compose.origins import Source, SourceKind
    from preflight.compose.shadowing import Shadow, Shadowing, ShadowKind, analyse_shadowing
    from preflight.compose.yamlfile import ComposeFileProblem
    from preflight.container import Container
    from preflight.context import ComposeProject, Context, Options, Pin
    from preflight.deadline import Deadline
    from preflight.envfile import (
        Assignment,
        EnvFile,
        EnvFileFolder,
        EnvFileMissing,
        EnvFileRefused,
        EnvFileSyntaxError,
        parse_env,
        read_env_file,
    )
    from preflight.errors import CouldNotLook, DeadlineExceeded, DoesNotApply
    from preflight.git import FileState
    from preflight.guess import overrides_of
    from preflight.model import About, Finding, Json, Location, Need, Status
    from preflight.ownership import Deployer, deployer, project_of
    from preflight.pinned import PinnedImage, read_pinned_image
    from preflight.reference import ImageReference, ReferenceKind, ReferenceProblem, is_plain_reference, parse_reference
    from preflight.registry import ManifestUnknown, RegistryError, RepositoryUnknown, WrongDigest
    from preflight.releases import Comparison, Release, compare, find_releases
    from preflight.retention import (
        ExpectedReleases,
        RegistryAnswers,
        ask_registries,
        expected_releases,
        find_holder,
    )
    from preflight.running import Judgement, Running, RunningVerdict, analyse_running
    from preflight.text import plural, printable
    from preflight.version import __version__
    from preflight.versions import Version, parse_version
    from preflight.workflows.collect import Workflows, read_workflows
    from preflight.workflows.judge import JudgedStep, PackageReleases, Risk, judge_steps, judge_unseen
    from preflight.workflows.package import Package
    from preflight.workflows.source import WorkflowProblem

# Name to the module it lives in. Loaded when first asked for: `preflight --version` needs none and must be quick.
_HOMES = {
    "Check": "preflight.check",
    "NoSettings": "preflight.check",
    "could_not_look": "preflight.check",
    "failed": "preflight.check",
    "passed": "preflight.check",
    "skipped": "preflight.check",
    "warned": "preflight.check",
    "ComposeBinary": "preflight.compose.binary",
    "EnvFileEntry": "preflight.compose.entries",
    "ComposeSource": "preflight.compose.locate",
    "Source": "preflight.compose.origins",
    "SourceKind": "preflight.compose.origins",
    "Shadow": "preflight.compose.shadowing",
    "ShadowKind": "preflight.compose.shadowing",
    "Shadowing": "preflight.compose.shadowing",
    "analyse_shadowing": "preflight.compose.shadowing",
    "ComposeFileProblem": "preflight.compose.yamlfile",
    "ComposeProject": "preflight.context",
    "Context": "preflight.context",
    "Options": "preflight.context",
    "Pin": "preflight.context",
    "Deadline": "preflight.deadline",
    "Assignment": "preflight.envfile",
    "EnvFile": "preflight.envfile",
    "EnvFileFolder": "preflight.envfile",
    "EnvFileMissing": "preflight.envfile",
    "EnvFileRefused": "preflight.envfile",
    "EnvFileSyntaxError": "preflight.envfile",
    "parse_env": "preflight.envfile",
    "read_env_file": "preflight.envfile",
    "CouldNotLook": "preflight.errors",
    "DeadlineExceeded": "preflight.errors",
    "DoesNotApply": "preflight.errors",
    "FileState": "preflight.git",
    "overrides_of": "preflight.guess",
    "About": "preflight.model",
    "Finding": "preflight.model",
    "Json": "preflight.model",
    "Location": "preflight.model",
    "Need": "preflight.model",
    "Status": "preflight.model",
    "PinnedImage": "preflight.pinned",
    "read_pinned_image": "preflight.pinned",
    "ImageReference": "preflight.reference",
    "ReferenceKind": "preflight.reference",
    "ReferenceProblem": "preflight.reference",
    "is_plain_reference": "preflight.reference",
    "parse_reference": "preflight.reference",
    "ManifestUnknown": "preflight.registry",
    "RegistryError": "preflight.registry",
    "RepositoryUnknown": "preflight.registry",
    "WrongDigest": "preflight.registry",
    "Comparison": "preflight.releases",
    "Release": "preflight.releases",
    "compare": "preflight.releases",
    "find_releases": "preflight.releases",
    "ExpectedReleases": "preflight.retention",
    "expected_releases": "preflight.retention",
    "find_holder": "preflight.retention",
    "RegistryAnswers": "preflight.retention",
    "ask_registries": "preflight.retention",
    "plural": "preflight.text",
    "printable": "preflight.text",
    "__version__": "preflight.version",
    "Version": "preflight.versions",
    "parse_version": "preflight.versions",
    "Container": "preflight.container",
    "Deployer": "preflight.ownership",
    "deployer": "preflight.ownership",
    "project_of": "preflight.ownership",
    "Judgement": "preflight.running",
    "Running": "preflight.running",
    "RunningVerdict": "preflight.running",
    "analyse_running": "preflight.running",
    "JudgedStep": "preflight.workflows.judge",
    "PackageReleases": "preflight.workflows.judge",
    "Risk": "preflight.workflows.judge",
    "judge_steps": "preflight.workflows.judge",
    "judge_unseen": "preflight.workflows.judge",
    "Package": "preflight.workflows.package",
    "WorkflowProblem": "preflight.workflows.source",
    "Workflows": "preflight.workflows.collect",
    "read_workflows": "preflight.workflows.collect",
}

__all__ = [
    "About",
    "Assignment",
    "Check",
    "Comparison",
    "ComposeBinary",
    "ComposeFileProblem",
    "ComposeProject",
    "ComposeSource",
    "Container",
    "Context",
    "CouldNotLook",
    "Deadline",
    "DeadlineExceeded",
    "Deployer",
    "DoesNotApply",
    "EnvFile",
    "EnvFileEntry",
    "EnvFileFolder",
    "EnvFileMissing",
    "EnvFileRefused",
    "EnvFileSyntaxError",
    "ExpectedReleases",
    "FileState",
    "Finding",
    "ImageReference",
    "Json",
    "JudgedStep",
    "Judgement",
    "Location",
    "ManifestUnknown",
    "Need",
    "NoSettings",
    "Options",
    "Package",
    "PackageReleases",
    "Pin",
    "PinnedImage",
    "ReferenceKind",
    "ReferenceProblem",
    "RegistryAnswers",
    "RegistryError",
    "Release",
    "RepositoryUnknown",
    "Risk",
    "Running",
    "RunningVerdict",
    "Shadow",
    "ShadowKind",
    "Shadowing",
    "Source",
    "SourceKind",
    "Status",
    "Version",
    "WorkflowProblem",
    "Workflows",
    "WrongDigest",
    "__version__",
    "analyse_running",
    "analyse_shadowing",
    "ask_registries",
    "compare",
    "could_not_look",
    "deployer",
    "expected_releases",
    "failed",
    "find_holder",
    "find_releases",
    "is_plain_reference",
    "judge_steps",
    "judge_unseen",
    "nearest",
    "overrides_of",
    "parse_env",
    "parse_reference",
    "parse_version",
    "passed",
    "plural",
    "printable",
    "project_of",
    "read_env_file",
    "read_pinned_image",
    "read_workflows",
    "skipped",
    "warned",
]


def __getattr__(name: str) -> Any:
    """Load a name of the front door from the module it lives in."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value
