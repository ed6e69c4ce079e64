"""The cache: a folder is there complete, or not at all."""

import threading
from pathlib import Path

import pytest
from provision.cache import filling
from provision.errors import ProvisionError


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


def test_a_cache_of_somebody_else_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an earlier run as root made; the remedy gives it back."""
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ProvisionError, match="belongs to somebody else") as raised, filling(tmp_path / "thing"):
        pytest.fail("it was not locked")
    assert raised.value.remedy == 'run: sudo chown -R "$(id -un)" .venv .cache'


def refuse(*_arguments: object) -> None:
    """Refuse as the kernel does."""
    raise PermissionError(13, "Permission denied")
