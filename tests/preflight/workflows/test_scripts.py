"""Tests of preflight/workflows/scripts.py: the many ways in which people write one deletion."""

from pathlib import Path

import pytest

from preflight.workflows.model import Place, Script
from preflight.workflows.package import Package
from preflight.workflows.scripts import deletions
from preflight.workflows.value import Tri, Value

OURS = "/orgs/acme/packages/container/agent%2Frunner/versions"
OF_A_NAME = "/orgs/acme/packages/container/{}/versions"
API = "https://api.github.com"


def _aims(text: str, **env: str) -> list[Tri]:
    variables = {name: Value(value) for name, value in env.items()}
    script = Script(text, Value(text), Place(Path("w.yml"), 1), tuple(text.split("\n")), variables)
    return [deletion.aims_at(Package("acme", "agent/runner")) for deletion in deletions(script)]


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
