"""preflight/git/model.py"""

from pathlib import Path

import pytest

from preflight.git.model import FileState, id_of, is_branch_name, is_commit, is_ref_name

SHA1, SHA256 = "0a" * 20, "0a" * 32


@pytest.mark.parametrize(
    ("text", "is_one"),
    [(SHA1, True), (SHA256, True), (SHA1[1:], False), (SHA1.upper(), False), (f"{SHA1}\n", False), ("HEAD", False)],
)
def test_whole_ids_of_commits(text: str, *, is_one: bool) -> None:
    """Of either kind; nothing shorter, nothing around it."""
    assert is_commit(text) is is_one


@pytest.mark.parametrize(
    ("listing", "found"),
    [
        (f"{SHA1}\tHEAD\n{SHA256}\trefs/heads/main\n", SHA256),
        (f"ref: refs/heads/main\trefs/heads/main\n{SHA1}\trefs/heads/main\n", SHA1),
        (f"{SHA1}\trefs/heads/main2\n{SHA1}\trefs/remotes/refs/heads/main\n", ""),
        ("nonsense\trefs/heads/main\n", ""),
        ("", ""),
    ],
)
def test_the_commit_of_a_ref_in_a_listing(listing: str, found: str) -> None:
    """The ref itself, not one that ends or begins alike; symbolic refs name no commit."""
    assert id_of(listing, "refs/heads/main") == found


@pytest.mark.parametrize(
    ("state", "is_modified"),
    [
        (FileState(Path("/x"), tracked=True, committed=True), False),
        (FileState(Path("/x"), tracked=True, committed=True, staged=True), True),
        (FileState(Path("/x"), tracked=True, committed=True, changed=True), True),
        (FileState(Path("/x"), tracked=True, conflict=True), True),
        (FileState(None), False),
    ],
)
def test_what_is_modified(state: FileState, *, is_modified: bool) -> None:
    """On disk, in the index, or by a merge."""
    assert state.modified is is_modified


@pytest.mark.parametrize("name", ["main", "release/1.2", "feature_x", "v1.2"])
def test_plain_names_are_names(name: str) -> None:
    """What people call branches and remotes."""
    assert is_ref_name(name)


@pytest.mark.parametrize("name", ["", "-x", "a b", "a..b", "a:b", "a~1", "x.lock", "a/", "+main", "*"])
def test_other_words_are_no_names(name: str) -> None:
    """What git could take for an option, a refspec or an expression."""
    assert not is_ref_name(name)


@pytest.mark.parametrize("name", ["HEAD", "refs/heads/main", "-x"])
def test_a_branch_is_named_alone(name: str) -> None:
    """Git would make a branch of that name below refs/heads."""
    assert not is_branch_name(name)
    assert is_branch_name("release/refs")
