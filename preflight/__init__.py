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
    from preflight.context import ComposeProject, Context, Options, Pin
    from preflight.coolify.cause import CauseKind
    from preflight.coolify.cleanup import CleanupRules, KeptImage, look_at_kept_image
    from preflight.coolify.deployed import Deployed, NeverDeployed, up_project
    from preflight.coolify.helper import Deploying, HelperCompose, HelperPart, ask_helpers, who_deploys
    from preflight.coolify.mode import Mode
    from preflight.coolify.outlook import Arrival, Outlook, look_ahead
    from preflight.coolify.rendered import Beaten, Copy, Rendered, look_at_rendered
    from preflight.coolify.resource import Kind, Resource, Situation
    from preflight.coolify.settings import CoolifySettings, is_left_to_ui
    from preflight.coolify.ui_reach import UiEffect
    from preflight.coolify.variables import UiLook, UiPinState, UiShadow, UiWhen, look_at_ui, token_caution
    from preflight.coolify.ways import copy_it, move_inside, raw_and_preserve, ways_out
    from preflight.deadline import Deadline
    from preflight.detect.guess import overrides_of
    from preflight.engine.container import Container
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
    from preflight.git.remote import Relation, RemoteFile, RemoteView, is_ref_name, look_at_remote
    from preflight.github_api import has_token, is_repository
    from preflight.images.pullable import Sighting, look_at_images
    from preflight.model import About, Finding, Json, Location, Need, Status
    from preflight.receipts.compare import Approval, Compared, approved_values, compare_with_receipts, is_under_way
    from preflight.receipts.receipt import Receipt, read_receipts
    from preflight.reference import (
        ImageReference,
        ReferenceKind,
        ReferenceProblem,
        is_plain_reference,
        parse_reference,
        short_reference,
    )
    from preflight.registry import ManifestUnknown, RegistryError, RepositoryUnknown, WrongDigest
    from preflight.registry.manifests import ImageChild, TooLong
    from preflight.releases.expected import ExpectedReleases, ReleaseSource
    from preflight.releases.holding import Holding, find_holding
    from preflight.releases.judge import RepositoryJudgement, RetentionRules, judge_repository
    from preflight.releases.names import Comparison, Release, find_releases, named_releases
    from preflight.releases.pin_history import TagCheck
    from preflight.releases.pinned import PinnedImage, read_pinned_image
    from preflight.releases.retention import RegistryAnswers, ask_registries
    from preflight.running.cause import cause_of
    from preflight.running.judge import Judgement, Running, RunningVerdict, analyse_running
    from preflight.running.ownership import made_by_coolify, project_of
    from preflight.signed.github import likely_repository, repository_of
    from preflight.signed.identity import check_identity_pattern
    from preflight.signed.model import Verified
    from preflight.signed.origin import origin_of, release_in_ref
    from preflight.signed.search import (
        GitHubAttestations,
        VerificationOutcome,
        verification_evidence,
        verify_provenance,
        verify_signatures,
    )
    from preflight.signed.statement import Provenance, read_provenance
    from preflight.signed.verdicts import SignatureWords, judge_signatures, short_name, signer_demand
    from preflight.text import plural, printable
    from preflight.version import __version__
    from preflight.versions import Version, parse_version
    from preflight.workflows.collect import Workflows, read_workflows
    from preflight.workflows.judge import JudgedStep, PackageReleases, Risk, judge_steps, judge_unseen
    from preflight.workflows.known import known_releases
    from preflight.workflows.package import Package
    from preflight.workflows.packages import PackageVersion, PackageVersions, list_versions
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
    "CauseKind": "preflight.coolify.cause",
    "Deployed": "preflight.coolify.deployed",
    "up_project": "preflight.coolify.deployed",
    "CleanupRules": "preflight.coolify.cleanup",
    "KeptImage": "preflight.coolify.cleanup",
    "look_at_kept_image": "preflight.coolify.cleanup",
    "Deploying": "preflight.coolify.helper",
    "HelperCompose": "preflight.coolify.helper",
    "HelperPart": "preflight.coolify.helper",
    "ask_helpers": "preflight.coolify.helper",
    "who_deploys": "preflight.coolify.helper",
    "Mode": "preflight.coolify.mode",
    "Arrival": "preflight.coolify.outlook",
    "Outlook": "preflight.coolify.outlook",
    "look_ahead": "preflight.coolify.outlook",
    "Beaten": "preflight.coolify.rendered",
    "Copy": "preflight.coolify.rendered",
    "Rendered": "preflight.coolify.rendered",
    "look_at_rendered": "preflight.coolify.rendered",
    "copy_it": "preflight.coolify.ways",
    "move_inside": "preflight.coolify.ways",
    "raw_and_preserve": "preflight.coolify.ways",
    "ways_out": "preflight.coolify.ways",
    "Kind": "preflight.coolify.resource",
    "Resource": "preflight.coolify.resource",
    "Situation": "preflight.coolify.resource",
    "CoolifySettings": "preflight.coolify.settings",
    "NeverDeployed": "preflight.coolify.deployed",
    "UiEffect": "preflight.coolify.ui_reach",
    "UiLook": "preflight.coolify.variables",
    "UiPinState": "preflight.coolify.variables",
    "UiShadow": "preflight.coolify.variables",
    "UiWhen": "preflight.coolify.variables",
    "look_at_ui": "preflight.coolify.variables",
    "token_caution": "preflight.coolify.variables",
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
    "overrides_of": "preflight.detect.guess",
    "About": "preflight.model",
    "Finding": "preflight.model",
    "Json": "preflight.model",
    "Location": "preflight.model",
    "Need": "preflight.model",
    "Status": "preflight.model",
    "Holding": "preflight.releases.holding",
    "find_holding": "preflight.releases.holding",
    "RepositoryJudgement": "preflight.releases.judge",
    "RetentionRules": "preflight.releases.judge",
    "judge_repository": "preflight.releases.judge",
    "TagCheck": "preflight.releases.pin_history",
    "PinnedImage": "preflight.releases.pinned",
    "read_pinned_image": "preflight.releases.pinned",
    "Sighting": "preflight.images.pullable",
    "look_at_images": "preflight.images.pullable",
    "ImageChild": "preflight.registry.manifests",
    "TooLong": "preflight.registry.manifests",
    "Approval": "preflight.receipts.compare",
    "Compared": "preflight.receipts.compare",
    "approved_values": "preflight.receipts.compare",
    "compare_with_receipts": "preflight.receipts.compare",
    "is_under_way": "preflight.receipts.compare",
    "Receipt": "preflight.receipts.receipt",
    "read_receipts": "preflight.receipts.receipt",
    "ImageReference": "preflight.reference",
    "ReferenceKind": "preflight.reference",
    "ReferenceProblem": "preflight.reference",
    "is_left_to_ui": "preflight.coolify.settings",
    "is_plain_reference": "preflight.reference",
    "parse_reference": "preflight.reference",
    "short_reference": "preflight.reference",
    "ManifestUnknown": "preflight.registry",
    "RegistryError": "preflight.registry",
    "RepositoryUnknown": "preflight.registry",
    "WrongDigest": "preflight.registry",
    "Comparison": "preflight.releases.names",
    "Release": "preflight.releases.names",
    "find_releases": "preflight.releases.names",
    "ExpectedReleases": "preflight.releases.expected",
    "ReleaseSource": "preflight.releases.expected",
    "RegistryAnswers": "preflight.releases.retention",
    "ask_registries": "preflight.releases.retention",
    "plural": "preflight.text",
    "printable": "preflight.text",
    "__version__": "preflight.version",
    "Version": "preflight.versions",
    "parse_version": "preflight.versions",
    "Container": "preflight.engine.container",
    "cause_of": "preflight.running.cause",
    "made_by_coolify": "preflight.running.ownership",
    "project_of": "preflight.running.ownership",
    "Judgement": "preflight.running.judge",
    "Running": "preflight.running.judge",
    "RunningVerdict": "preflight.running.judge",
    "analyse_running": "preflight.running.judge",
    "JudgedStep": "preflight.workflows.judge",
    "PackageReleases": "preflight.workflows.judge",
    "Risk": "preflight.workflows.judge",
    "judge_steps": "preflight.workflows.judge",
    "judge_unseen": "preflight.workflows.judge",
    "Package": "preflight.workflows.package",
    "WorkflowProblem": "preflight.workflows.source",
    "Workflows": "preflight.workflows.collect",
    "read_workflows": "preflight.workflows.collect",
    "is_repository": "preflight.github_api",
    "likely_repository": "preflight.signed.github",
    "repository_of": "preflight.signed.github",
    "check_identity_pattern": "preflight.signed.identity",
    "Verified": "preflight.signed.model",
    "origin_of": "preflight.signed.origin",
    "release_in_ref": "preflight.signed.origin",
    "GitHubAttestations": "preflight.signed.search",
    "VerificationOutcome": "preflight.signed.search",
    "verification_evidence": "preflight.signed.search",
    "verify_provenance": "preflight.signed.search",
    "verify_signatures": "preflight.signed.search",
    "Provenance": "preflight.signed.statement",
    "read_provenance": "preflight.signed.statement",
    "SignatureWords": "preflight.signed.verdicts",
    "judge_signatures": "preflight.signed.verdicts",
    "short_name": "preflight.signed.verdicts",
    "signer_demand": "preflight.signed.verdicts",
    "Relation": "preflight.git.remote",
    "RemoteFile": "preflight.git.remote",
    "RemoteView": "preflight.git.remote",
    "is_ref_name": "preflight.git.remote",
    "look_at_remote": "preflight.git.remote",
    "named_releases": "preflight.releases.names",
    "PackageVersion": "preflight.workflows.packages",
    "PackageVersions": "preflight.workflows.packages",
    "has_token": "preflight.github_api",
    "list_versions": "preflight.workflows.packages",
    "known_releases": "preflight.workflows.known",
}

__all__ = [
    "About",
    "Approval",
    "Arrival",
    "Assignment",
    "Beaten",
    "CauseKind",
    "Check",
    "CleanupRules",
    "Compared",
    "Comparison",
    "ComposeBinary",
    "ComposeFileProblem",
    "ComposeProject",
    "ComposeSource",
    "Container",
    "Context",
    "CoolifySettings",
    "Copy",
    "CouldNotLook",
    "Deadline",
    "DeadlineExceeded",
    "Deployed",
    "Deploying",
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
    "GitHubAttestations",
    "HelperCompose",
    "HelperPart",
    "Holding",
    "ImageChild",
    "ImageReference",
    "Json",
    "JudgedStep",
    "Judgement",
    "KeptImage",
    "Kind",
    "Location",
    "ManifestUnknown",
    "Mode",
    "Need",
    "NeverDeployed",
    "NoSettings",
    "Options",
    "Outlook",
    "Package",
    "PackageReleases",
    "PackageVersion",
    "PackageVersions",
    "Pin",
    "PinnedImage",
    "Provenance",
    "Receipt",
    "ReferenceKind",
    "ReferenceProblem",
    "RegistryAnswers",
    "RegistryError",
    "Relation",
    "Release",
    "ReleaseSource",
    "RemoteFile",
    "RemoteView",
    "Rendered",
    "RepositoryJudgement",
    "RepositoryUnknown",
    "Resource",
    "RetentionRules",
    "Risk",
    "Running",
    "RunningVerdict",
    "Shadow",
    "ShadowKind",
    "Shadowing",
    "Sighting",
    "SignatureWords",
    "Situation",
    "Source",
    "SourceKind",
    "Status",
    "TagCheck",
    "TooLong",
    "UiEffect",
    "UiLook",
    "UiPinState",
    "UiShadow",
    "UiWhen",
    "VerificationOutcome",
    "Verified",
    "Version",
    "WorkflowProblem",
    "Workflows",
    "WrongDigest",
    "__version__",
    "analyse_running",
    "analyse_shadowing",
    "approved_values",
    "ask_helpers",
    "ask_registries",
    "cause_of",
    "check_identity_pattern",
    "compare_with_receipts",
    "copy_it",
    "could_not_look",
    "failed",
    "find_holding",
    "find_releases",
    "has_token",
    "is_left_to_ui",
    "is_plain_reference",
    "is_ref_name",
    "is_repository",
    "is_under_way",
    "judge_repository",
    "judge_signatures",
    "judge_steps",
    "judge_unseen",
    "known_releases",
    "likely_repository",
    "list_versions",
    "look_ahead",
    "look_at_images",
    "look_at_kept_image",
    "look_at_remote",
    "look_at_rendered",
    "look_at_ui",
    "made_by_coolify",
    "move_inside",
    "named_releases",
    "nearest",
    "origin_of",
    "overrides_of",
    "parse_env",
    "parse_reference",
    "parse_version",
    "passed",
    "plural",
    "printable",
    "project_of",
    "raw_and_preserve",
    "read_env_file",
    "read_pinned_image",
    "read_provenance",
    "read_receipts",
    "read_workflows",
    "release_in_ref",
    "repository_of",
    "short_name",
    "short_reference",
    "signer_demand",
    "skipped",
    "token_caution",
    "up_project",
    "verification_evidence",
    "verify_provenance",
    "verify_signatures",
    "warned",
    "ways_out",
    "who_deploys",
]


def __getattr__(name: str) -> Any:
    """Load a name of the front door from the module it lives in."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value
