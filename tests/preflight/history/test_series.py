"""preflight/history/series.py"""

import os
from pathlib import Path

from preflight.history.series import series_of
from preflight.model import Stage


def test_links_and_the_order_of_names_do_not_count(tmp_path: Path) -> None:
    """Two ways to say the same."""
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    one = series_of(real, real / "preflight.yaml", Stage.AFTER, {"skip": ("b", "a"), "offline": True, "deep": False})
    other = series_of(link, link / "preflight.yaml", Stage.AFTER, {"skip": ["a", "b"], "offline": True})

    assert one == other
    assert str(one) == f"{real}, stage after, {real}/preflight.yaml, offline, skip a, b"


def test_what_is_not_given_is_left_out(tmp_path: Path) -> None:
    """A new option with its default begins no new series."""
    assert series_of(tmp_path, None, Stage.BEFORE, {"only": (), "strict": False}).selection == "{}"


def test_a_folder_whose_name_is_no_text_has_one_that_can_be_kept(tmp_path: Path) -> None:
    """A byte that is no UTF-8: the database would refuse it, and the report with it."""
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/d\xffx"))

    series = series_of(folder, folder / "c.yaml", Stage.AFTER, {}, [folder.parent])

    assert (series.project, series.configuration) == (f"{tmp_path}/d\\xffx", f"{tmp_path}/d\\xffx/c.yaml")
    assert series.former == (str(tmp_path),)
