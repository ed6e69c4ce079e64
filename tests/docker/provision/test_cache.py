"""The cache: a folder is there complete, or not at all."""

import threading
from pathlib import Path

import pytest
from provision.cache import filling


def test_a_folder_appears_only_when_it_is_complete(tmp_path: Path) -> None:
    """While it is filled nobody sees it."""
    target = tmp_path / "thing"
    with filling(target) as draft:
        assert draft is not None
        (draft / "file").write_text("x")
        assert not target.exists()
    assert (target / "file").read_text() == "x"


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    """What was half made is removed; the next one tries again."""
    target = tmp_path / "thing"
    with pytest.raises(ValueError, match="half way"), filling(target):
        raise ValueError("half way")
    assert [path.name for path in tmp_path.iterdir()] == [".thing.lock"]


def test_only_one_of_many_fills(tmp_path: Path) -> None:
    """The others wait and find it done."""
    target = tmp_path / "thing"
    filled: list[bool] = []

    def fill() -> None:
        with filling(target) as draft:
            filled.append(draft is not None)

    threads = [threading.Thread(target=fill) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(filled) == [False] * 7 + [True]
