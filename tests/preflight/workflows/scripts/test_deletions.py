"""Tests of preflight/workflows/scripts/deletions.py: the many ways in which people write one deletion."""

import pytest

from preflight.workflows.language import Language
from preflight.workflows.package import Package
from preflight.workflows.repository import ThisRepository
from preflight.workflows.scripts import deletions as module
from preflight.workflows.scripts.deletions import Deletion, deletions
from preflight.workflows.value import Tri
from tests.preflight.workflows.judging import PACKAGE, REPOSITORY, script

OURS = "/orgs/acme/packages/container/agent%2Frunner/versions"
OF_A_NAME = "/orgs/acme/packages/container/{}/versions"
API = "https://api.github.com"
RUNNER = ThisRepository.named("acme/runner")


def _aims(text: str, language: Language = Language.SHELL, **env: str) -> list[Tri]:
    return [deletion.aims_at(PACKAGE) for deletion in deletions(script(text, language, env))]


def _javascript(text: str, repository: ThisRepository | None = None, **env: str) -> list[Deletion]:
    return deletions(script(text, Language.JAVASCRIPT, env, repository))


@pytest.mark.parametrize(
    "text",
    [
        f'echo "gone: $(gh api -X DELETE {OURS}/1)"',
        f'echo "gone: `gh api -X DELETE {OURS}/1`"',
        f"echo 1 2 > >(xargs -I{{}} gh api -X DELETE {OURS}/{{}})",
        f'if ! out=$(gh api -X DELETE "{OURS}/$(jq .id x)"); then exit 1; fi',
        f"# clean up \\\ngh api -X DELETE {OURS}/1",
        f"echo \\\\\\\\\ngh api -X DELETE {OURS}/1",
        f"gh api \\\n  -X \\\n  DELETE \\\n  {OURS}/1",
        f"gh api \\\r\n  -X \\\r\n  DELETE \\\r\n  {OURS}/1",
        f"M=DELETE\ngh api -X $M {OURS}/1",
        f"curl -sSXDELETE {API}{OURS}/1",
        f"curl -sLX DELETE {API}{OURS}/1",
        f'subprocess.run(["gh", "api", "-X", "DELETE", f"{OURS}/{{each}}"])',
        f"session = requests.Session()\ns.delete(f'{API}{OURS}/{{each}}')",
        f"g.requester.requestJsonAndCheck('DELETE', f'{OURS}/{{each}}')",
        "const { deletePackageVersionForOrg } = x\ndeletePackageVersionForOrg({package_name: 'agent/runner'})",
        "await packages['deletePackageVersionForOrg']({package_name: 'agent/runner', org: 'acme'})",
    ],
)
def test_deletion_is_seen_however_it_is_written(text: str) -> None:
    """In what is said, after a comment, over several lines, in one word with other options: it deletes."""
    assert _aims(text) == [True]


@pytest.mark.parametrize(
    "text",
    [
        f"prune() {{ gh api -X DELETE {OF_A_NAME.format('$1')}/$2; }}",
        f"prune() {{ gh api -X DELETE {OF_A_NAME.format('${1}')}/${{2}}; }}",
        f"requests.delete(f'{API}{OF_A_NAME.format('{quote(name)}')}/1')",
        f"requests.delete(f'{API}{OF_A_NAME.format('{self.name}')}/1')",
        f"requests.delete('{API}{OF_A_NAME.format('%s')}/%s' % (name, each))",
        "requests.delete(BASE + '/packages/container/' + name + '/versions/' + each)",
        "await fetch('https://api.github.com/orgs/acme/packages/container/' + name, {method: 'DELETE'})",
        "await github.request(\n  'DELETE /orgs/{org}/packages/container/{package_name}/versions/{id}', one)",
        "const route = 'DELETE /orgs/{org}/packages/{package_type}/{package_name}/versions/{id}'",
        "gh api graphql -f query='mutation {\n deletePackageVersion(\n input: {packageVersionId: $id}) { success } }'",
        'gh api -X DELETE "$1"',
    ],
)
def test_deletion_of_something_that_only_shows_when_it_runs_cannot_be_told(text: str) -> None:
    """A name that is an argument, a place in a text, or added to one, may be that of our package."""
    assert _aims(text) == [None]


def test_all_calls_of_one_line_are_seen() -> None:
    """Several calls in a line, and one call behind another, each have their own arguments."""
    line = "a.deletePackageVersionForOrg({package_name: 'web'}); b.deletePackageVersionForOrg({package_name: 'x'})"
    lines = "a.deletePackageVersionForOrg({package_name: 'agent/runner'})\n" + line.partition("; ")[2]

    assert [found.name for found in _javascript(line)] == ["web", "x"]
    assert [found.name for found in _javascript(lines)] == ["agent/runner", "x"]


@pytest.mark.parametrize(
    ("right", "reason"),
    [
        ("cfg.pkg", "cfg.pkg"),
        ("inputs['package']", "inputs['package']"),
        ("pick()", "pick()"),
        ("process.env.PKG", "process.env.PKG"),
        ("core.getInput('package')", "core.getInput('package')"),
        ("'agent' + suffix", "'agent'+suffix"),
        ("condition ? 'web' : 'agent/runner'", "condition?'web':'agent/runner'"),
    ],
)
def test_right_hand_side_in_javascript_is_no_text(right: str, reason: str) -> None:
    """Only what is quoted is known; the reason is what stands there."""
    for text in (
        f"const name = {right};\ngithub.rest.packages.deletePackageVersionForOrg({{org: 'acme', package_name: name}})",
        f"github.rest.packages.deletePackageVersionForOrg({{org: 'acme', package_name: {right}}})",
    ):
        [found] = _javascript(text)

        assert found.aims_at(PACKAGE) is None
        assert found.unknown == (f"the name of the package ({reason})",)


@pytest.mark.parametrize(
    "text",
    [
        "const name = {};\nawait github.request(`DELETE /orgs/acme/packages/container/${{name}}/versions/${{id}}`)",
        "await github.request(`DELETE /orgs/acme/packages/container/${{{}}}/versions/${{id}}`)",
        "const url = `/orgs/acme/packages/container/${{{}}}/versions`;\nfetch(`${{url}}/1`, {{method: 'DELETE'}})",
    ],
)
@pytest.mark.parametrize("right", ["cfg.pkg", "process.env.PKG", "pick({a: `b`})"])
def test_template_literal_with_an_expression_is_not_known(text: str, right: str) -> None:
    """What stands in `${…}` is an expression, not a name."""
    assert [found.aims_at(PACKAGE) for found in _javascript(text.format(right))] == [None]


@pytest.mark.parametrize(
    ("owner", "aim"),
    [
        ("'other'", False),
        ("'acme'", True),
        ("cfg.owner", True),
        ("process.env.OWNER", True),
        ("context.repo.owner", True),
    ],
)
def test_owner_in_javascript(owner: str, aim: Tri) -> None:
    """Another owner that is quoted is not ours; one that is an expression may be."""
    text = f"const o = {owner};\nx.deletePackageVersionForOrg({{org: o, package_name: 'agent/runner'}})"

    [found] = _javascript(text)

    assert found.aims_at(PACKAGE) is aim


@pytest.mark.parametrize(
    ("repository", "aim"),
    [(REPOSITORY, False), (RUNNER, None), (ThisRepository(), False)],
    ids=["agent", "runner", "?"],
)
def test_repository_of_the_context_is_the_one_that_runs_it(repository: ThisRepository, aim: Tri) -> None:
    """`context.repo.repo` has no slash, so it is no package whose name has one; as part of a name it may be."""
    name = "const { owner, repo } = context.repo;\nconst name = repo;\n"
    call = "x.deletePackageVersionForOrg({org: owner, package_name: name})"

    [found] = _javascript(name + call, repository)

    assert found.aims_at(PACKAGE) is (aim if aim is False else False)
    assert bool(found.unknown) is not repository.known


def test_repository_of_the_context_with_a_known_remote() -> None:
    """Where the package is called like the repository it is ours."""
    text = "const name = context.repo.repo\nx.deletePackageVersionForOrg({org: context.repo.owner, package_name: name})"

    [found] = _javascript(text, RUNNER)

    assert (found.owner, found.name) == ("acme", "runner")


def test_environment_of_the_step_is_known_in_javascript() -> None:
    """What `env:` says is what `process.env` has."""
    [found] = _javascript("x.deletePackageVersionForOrg({package_name: process.env.PKG})", pkg="agent/runner")

    assert found.aims_at(PACKAGE) is True


@pytest.mark.parametrize(
    ("address", "aim"),
    [
        ("$env:PKG", None),
        ("${env:PKG}", None),
        ("$name", None),
        ("$($x.name)", None),
        ("agent%2Frunner", True),
        ("web", False),
    ],
)
def test_variables_of_powershell(address: str, aim: Tri) -> None:
    """A variable is not known, however it is written; a plain name is."""
    text = f'Invoke-RestMethod -Method DELETE "{API}{OF_A_NAME.format(address)}/1"'

    assert _aims(text, Language.POWERSHELL) == [aim]


def test_environment_of_the_step_is_known_in_powershell() -> None:
    """`$env:PKG` is what `env:` says."""
    text = f'Invoke-RestMethod -Method DELETE "{API}{OF_A_NAME.format("$env:PKG")}/1"'

    assert _aims(text, Language.POWERSHELL, pkg="agent/runner") == [True]


@pytest.mark.parametrize(
    "before",
    [
        "NAME=web\nread -r NAME",
        "NAME=web\nfor NAME in $ALL; do",
        "NAME=web\nNAME+=/x",
        "NAME=web\nNAME=$1",
        'NAME="$(pick)"',
        "NAME=web$X",
        "NAME=${1:-web}",
    ],
)
def test_variable_of_a_shell_that_gets_another_value_is_not_known(before: str) -> None:
    """One plain assignment is known; a loop, a reading, an addition or a second one is not."""
    assert _aims(f"{before}\ngh api -X DELETE {OF_A_NAME.format('$NAME')}/1") == [None]


@pytest.mark.parametrize(
    ("expansion", "aim"),
    [
        ("${NAME//\\//%2F}", True),
        ("${NAME#*/}", False),
        ("${NAME%/*}", False),
        ("${NAME:-web}", True),
        ("${NAME,,}", True),
        ("${NAME:0:5}", None),
        ("${NAME/a/b}", None),
        ("${!NAME}", None),
        ("${NAME", None),
    ],
)
def test_expansions_of_a_shell(expansion: str, aim: Tri) -> None:
    """What is cut off by a slash is known, other changes are not."""
    assert _aims(f"NAME=agent/runner\ngh api -X DELETE {OF_A_NAME.format(expansion)}/1") == [aim]


def test_many_deletions_are_not_all_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is beyond the limit may be ours, and the reason says so."""
    monkeypatch.setattr(module, "MAX_HITS", 2)
    lines = [f"gh api -X DELETE {OF_A_NAME.format(f'web{row}')}/1" for row in range(3)]

    found = deletions(script("\n".join(lines)))

    assert [each.aims_at(PACKAGE) for each in found] == [False, False, None]
    assert found[-1].unknown == ("more than 2 of them",)


def test_place_is_the_line_that_says_delete() -> None:
    """In a command of several lines, and of several commands, each has its own line."""
    text = f"list\ngh api \\\n  -X DELETE \\\n  {OURS}/1\ngh api -X DELETE {OURS}/2"

    assert [found.place.line for found in deletions(script(text))] == [3, 5]


def test_variable_that_the_script_changes_is_not_known() -> None:
    """What env: says of a variable holds until the script assigns it."""
    text = f"gh api -X DELETE {OF_A_NAME.format('$NAME')}/1"

    assert _aims(text, name="web") == [False]
    assert _aims(f"NAME=agent%2Frunner\n{text}", name="web") == [None]


@pytest.mark.parametrize(
    "text",
    [
        f"# gh api -X DELETE {OURS}/1",
        f"echo 'to delete: gh api -X DELETE {OURS}/1'",
        'echo "$ids to DELETE"',
        "gh api -X DELETE /repos/acme/x/git/refs/heads/y",
        'old=$(gh api -X DELETE "/repos/$R/actions/caches/1")',
        "gh api -X DELETE /orgs/acme/packages/npm/agent/versions/1",
        'curl -X DELETE "$PREVIEW"',
        f"seen.delete(each)\nawait github.request('GET {OURS}')",
    ],
)
def test_what_deletes_no_container_is_none(text: str) -> None:
    """What is said, commented out, or deletes something else is no deletion of a container package."""
    assert _aims(text) == []


@pytest.mark.parametrize(
    ("text", "aims"),
    [
        ("curl --request DELETE https://api.github.com/user/packages/container/agent%2Frunner/versions/1", [True]),
        ("curl -X DELETE https://api.github.com/users/acme/packages/container/agent%2Frunner", [True]),
        ("curl -X DELETE https://api.github.com/orgs/other/packages/container/agent%2Frunner/versions/1", [False]),
        ("P=agent%2Frunner\ngh api -X DELETE /orgs/acme/packages/container/$P/versions/1", [True]),
        ("P=web\ngh api -X DELETE /orgs/acme/packages/container/$P/versions/1", [False]),
        ("P=web\nP=$1\ngh api -X DELETE /orgs/acme/packages/container/$P/versions/1", [None]),
        (f"U={OURS}\ngh api -X DELETE $U/1", [True]),
        ("gh api /repos/acme/agent -X DELETE", []),
        ("docker run ghcr.io/snok/container-retention-policy:v3.0.0 --account acme", [None]),
        (f"echo $IDS | xargs -I{{}} gh api -X DELETE {OURS}/{{}}", [True]),
        ("L=orgs/acme/packages/container/agent%2Frunner/versions\nlist $L |\n  xargs -n1 gh api -X DELETE", [True]),
        ("list | xargs -n1 gh api -X DELETE", []),
        ("list | xargs -I% gh api -X DELETE /orgs/acme/packages/container/%/versions/1", [None]),
        ("U=https://x/packages/container/web/versions\nfetch(U, {\n  method: 'DELETE',\n})", [False]),
        ("U=https://x/packages/container/agent%2Frunner\nfetch(U, {\n  method: 'DELETE',\n})", [True]),
        (f"gh api -X DELETE {OURS}/1 \\", [True]),
        ("gh api -X DELETE /orgs/$GITHUB_REPOSITORY_OWNER/packages/container/agent%2Frunner/versions/1", [True]),
        ("gh api -X DELETE /orgs/acme/packages/container/${GITHUB_REPOSITORY#*/}%2Frunner/versions/1", [True]),
        ("gh api -X DELETE /orgs/acme/packages/container/${GITHUB_REPOSITORY##*/}/versions/1", [False]),
        ("docker build -t ghcr.io/snok/container-retention-policy:x . && docker push x", []),
        ("docker image prune -af", []),
        ("gh release delete v1", []),
    ],
)
def test_calls_of_shell_scripts(text: str, aims: list[Tri]) -> None:
    """Addresses in the call, in a variable or elsewhere; the repository's own variables."""
    here = script(text, env={name: value.text for name, value in REPOSITORY.environment().items()})

    assert [found.aims_at(PACKAGE) for found in deletions(here)] == aims


@pytest.mark.parametrize(
    ("text", "aims"),
    [
        ("x.packages.deletePackageVersionForUser({username: 'acme', package_name: 'agent/runner'})", [True]),
        ("x.packages.deletePackageVersionForOrg({org: 'acme', package_name: 'web'})", [False]),
        ("x.packages.deletePackageVersionForOrg({package_type: 'npm', package_name: n})", [False]),
        ("x.packages.deletePackageForAuthenticatedUser({package_name: pick()})", [None]),
        ("x.packages.deletePackageVersionForOrg(params)", [None]),
        ("x.packages.deletePackageVersionForOrg({...params, package_name})", [None]),
        ("github.request('DELETE /orgs/acme/packages/container/agent%2Frunner/versions/1')", [True]),
        ("const f = x.packages.deletePackageVersionForOrg; f({package_name: 'agent/runner'})", [True]),
        ("x.rest.actions.deleteArtifact({artifact_id: 1})", []),
    ],
)
def test_calls_of_javascript(text: str, aims: list[Tri]) -> None:
    """Calls of octokit, with their arguments written out, in an object, or elsewhere."""
    assert [found.aims_at(PACKAGE) for found in _javascript(text)] == aims


@pytest.mark.parametrize(
    ("before", "name", "aim"),
    [
        ("", "{repo}", True),
        ("", "{repo}-cache", False),
        ("", "${repo}", None),
        ("repo=web\n", "${repo}", False),
        ("export GH_REPO=acme/web\n", "{repo}", None),
        ("list | xargs -I{repo} ", "{repo}", None),
    ],
)
def test_placeholders_of_gh(before: str, name: str, aim: Tri) -> None:
    """`gh api` puts in what it runs in, if nothing says another repository."""
    package = Package("acme", "runner")
    address = f"/orgs/{{owner}}/packages/container/{name}/versions/1"

    for text in (f"{before}gh api -X DELETE {address}", f"U={address}\n{before}gh api -X DELETE $U"):
        [found] = deletions(script(text, repository=RUNNER))
        assert found.aims_at(package) is aim


def test_owner_that_gh_puts_in() -> None:
    """Another owner's package is not ours."""
    text = "gh api -X DELETE /orgs/{owner}/packages/container/agent%2Frunner/versions/1"

    for repository, aim in ((REPOSITORY, True), (ThisRepository.named("other/agent"), False)):
        [found] = deletions(script(text, repository=repository))
        assert found.aims_at(PACKAGE) is aim


@pytest.mark.parametrize(
    ("fields", "aims"),
    [
        ("org: 'acme', package_type: 'container', package_name: 'agent/runner'", [True]),
        ("org: 'acme', package_type: 'container', package_name: 'agent%2Frunner'", [True]),
        ("org: 'acme', package_type: 'container', package_name: 'web'", [False]),
        ("org: 'other', package_type: 'container', package_name: 'agent/runner'", [False]),
        ("org: 'acme', package_type: 'npm', package_name: 'agent/runner'", []),
        ("org: 'acme', package_type: 'container', package_name: pick()", [None]),
        ("...params", [None]),
    ],
)
def test_routes_of_octokit(fields: str, aims: list[Tri]) -> None:
    """What the object says that follows is put in; a route that stands elsewhere is not looked up."""
    route = "'DELETE /orgs/{org}/packages/{package_type}/{package_name}/versions/{package_version_id}'"

    for text in (f"x.request({route}, {{{fields}}})", f"await x.request(\n  {route},\n  {{\n{fields}\n}})"):
        assert [found.aims_at(PACKAGE) for found in _javascript(text)] == aims
    [elsewhere] = _javascript(f"const route = {route}\nx.request(route, {{{fields}}})")
    assert elsewhere.aims_at(PACKAGE) is None


@pytest.mark.parametrize(
    ("text", "aims"),
    [
        ("crane delete ghcr.io/acme/agent/runner:v1", [True]),
        ("regctl tag rm ghcr.io/acme/agent/runner:v1", [True]),
        ("skopeo delete docker://ghcr.io/acme/agent/runner@sha256:1", [True]),
        ("oras manifest delete --force ghcr.io/acme/$NAME:v1", [None]),
        ('crane delete "$IMAGE"', [None]),
        ("N=agent/runner\ncrane delete ghcr.io/acme/$N:v1", [True]),
        ("crane delete ghcr.io/acme/other:v1", [False]),
        ("skopeo delete docker://registry.example/x:1", []),
    ],
)
def test_a_tool_that_asks_the_registry_itself(text: str, aims: list[Tri]) -> None:
    """What ghcr.io makes of it is not known, so it is told as something that may delete."""
    found = deletions(script(text, Language.SHELL, {}))

    assert [each.aims_at(PACKAGE) for each in found] == aims
    assert all(each.unknown for each in found)
