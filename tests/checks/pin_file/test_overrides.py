"""checks/pin_file.py: files that override the pin."""

from preflight.model import Location, Status
from tests.checks.pin_file.look import FILE, IMAGE, NAME, OVERRIDE, PINNED, look
from tests.real.git import GitRepository


def test_override_that_defines_the_variable_fails(git_repository: GitRepository) -> None:
    """In production an override file overrides the pin."""
    git_repository.commit({FILE: f"{NAME}={PINNED}\n", ".gitignore": "*.local.env\n"})
    git_repository.write({OVERRIDE: f"X=1\n{NAME}={IMAGE}:dev\n"})

    [finding] = look(git_repository.path, overrides=(OVERRIDE,))

    assert (finding.status, finding.code) == (Status.FAIL, "override")
    assert finding.location == Location(OVERRIDE, 2)


def test_override_that_does_not_define_it_warns(git_repository: GitRepository) -> None:
    """A file that is only there may define it tomorrow."""
    git_repository.commit({FILE: f"{NAME}={PINNED}\n", ".gitignore": "*.local.env\n"})
    git_repository.write({OVERRIDE: "X=1\n"})

    [finding] = look(git_repository.path, overrides=(OVERRIDE,))

    assert (finding.status, finding.code) == (Status.WARN, "override-present")


def test_developers_may_have_an_override(git_repository: GitRepository) -> None:
    """With `allow_override` an override warns only if it defines the variable."""
    git_repository.commit({FILE: f"{NAME}={PINNED}\n", ".gitignore": "*.local.env\n"})
    git_repository.write({OVERRIDE: "X=1\n"})

    [finding] = look(git_repository.path, overrides=(OVERRIDE,), allow_override=True)
    assert finding.status is Status.PASS

    git_repository.write({OVERRIDE: f"{NAME}={IMAGE}:dev\n"})

    [finding] = look(git_repository.path, overrides=(OVERRIDE,), allow_override=True)
    assert (finding.status, finding.code) == (Status.WARN, "override-allowed")


def test_override_that_is_not_ignored_warns(git_repository: GitRepository) -> None:
    """An override that the next `git add` would commit warns, even before it exists; a missing folder holds none."""
    git_repository.commit({FILE: f"{NAME}={PINNED}\n"})

    [finding] = look(git_repository.path, overrides=(OVERRIDE, "nowhere/x.env"))

    assert (finding.status, finding.code) == (Status.WARN, "override-not-ignored")
    assert finding.hint == "Add pin.local.env to docker/.gitignore"


def test_committed_override_fails(git_repository: GitRepository) -> None:
    """A committed override reaches every machine, so it fails even where overrides are allowed."""
    git_repository.commit({FILE: f"{NAME}={PINNED}\n", OVERRIDE: "X=1\n"})

    [finding] = look(git_repository.path, overrides=(OVERRIDE,), allow_override=True)

    assert (finding.status, finding.code) == (Status.FAIL, "override-committed")


def test_unreadable_override_is_an_error(git_repository: GitRepository) -> None:
    """An override that cannot be read may define anything."""
    git_repository.commit({FILE: f"{NAME}={PINNED}\n", ".gitignore": "*.local.env\n"})
    git_repository.write({OVERRIDE: 'X="\n'})

    [finding] = look(git_repository.path, overrides=(OVERRIDE,))

    assert finding.status is Status.ERROR
    assert "a quote" in finding.message


def test_git_trouble_with_an_override_is_an_error(git_repository: GitRepository) -> None:
    """An override whose work tree git cannot read is an error."""
    (git_repository.path / "docker").mkdir()
    (git_repository.path / FILE).write_text(f"{NAME}={PINNED}\n")
    (git_repository.path / ".git/config").write_text("[broken")

    found = look(git_repository.path, overrides=(OVERRIDE,))

    assert [finding.status for finding in found] == [Status.ERROR, Status.ERROR]
