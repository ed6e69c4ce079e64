"""preflight/releases/pin_history.py: what commits of a pin recorded for releases, and what their tags say today."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from preflight.context import Context
from preflight.errors import CouldNotLook
from preflight.git.model import Commit
from preflight.lib.deadline import Deadline
from preflight.lib.reference import ImageReference
from preflight.model import Location
from preflight.pins.image import PinnedImage
from preflight.project import Pin
from preflight.registry.errors import ManifestUnknown
from preflight.registry.values import Manifest
from preflight.releases.names import find_releases
from preflight.releases.pin_history import PinHistory, RecordedPin, TagCheck, check_tags, pin_history
from preflight.testing import fake_context

NAME = "ghcr.io/acme/agent"
A, B, C = (f"sha256:{letter * 64}" for letter in "abc")
PINNED = PinnedImage(
    Pin("AGENT", "app", Path("/repo/pin.env")), ImageReference("ghcr.io", "acme/agent", None, C), Location("pin.env", 1)
)


def commits(*rows: tuple[str, str]) -> list[Commit]:
    """Return commits, newest first, from subjects and values of the pin, oldest first."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    made = [
        Commit(f"{place:040x}", start + timedelta(days=place), subject, value if "=" in value else f"AGENT={value}\n")
        for place, (subject, value) in enumerate(rows)
    ]
    return made[::-1]


def read(*rows: tuple[str, str], shallow: bool = False) -> PinHistory:
    """Read a history written as for ``commits``."""
    return pin_history(PINNED, commits(*rows), shallow=shallow)


def recorded(*rows: tuple[str, str], shallow: bool = False) -> list[tuple[str, str | None]]:
    """Return which digest is recorded for which release, newest first."""
    return [(record.release, record.image.digest) for record in read(*rows, shallow=shallow).records]


def test_a_commit_records_what_it_pinned() -> None:
    """Release, image without tag, commit, and the pin itself."""
    history = read(("chore: pin the agent image for v1.0.0", f"{NAME}:1.0.0@{A}"))

    [record] = history.records
    assert record.release == "1.0.0"
    assert record.image == ImageReference("ghcr.io", "acme/agent", None, A)
    assert (record.commit.hash, record.pinned) == ("0" * 40, PINNED)
    assert history.published == {"1.0.0"}


def test_newest_first() -> None:
    """In the order of the commits that pinned them last."""
    rows = (("for v1.0.0", f"{NAME}@{A}"), ("for 1.1.0", f"{NAME}@{B}"), ("for v1.2.0", f"{NAME}@{C}"))

    assert recorded(*rows) == [("1.2.0", C), ("1.1.0", B), ("1.0.0", A)]


def test_no_history() -> None:
    """Without commits nothing is recorded."""
    assert read() == PinHistory((), frozenset())


def test_the_newest_commit_of_a_release_counts() -> None:
    """A release that was built again, after another came."""
    rows = (("for v1.0.0", f"{NAME}@{A}"), ("for v1.1.0", f"{NAME}@{B}"), ("Second build for v1.0.0", f"{NAME}@{C}"))

    assert recorded(*rows) == [("1.0.0", C), ("1.1.0", B)]


@pytest.mark.parametrize(
    "subject",
    [
        'Revert "chore: pin agent image for v1.1.0"',
        "Roll back, for v1.1.0 is broken",
        "Rolled back for v1.1.0",
        "rollback for v1.1.0",
        "Go back for v1.1.0 fails",
        "Undo the pin for v1.1.0",
        "Back out the pin for v1.1.0",
        "Downgrade for v1.1.0 is slow",
    ],
)
def test_what_undoes_records_nothing(subject: str) -> None:
    """The release that it names is not what it pins."""
    rows = (("for v1.0.0", f"{NAME}@{A}"), (subject, f"{NAME}@{B}"))

    assert recorded(*rows) == [("1.0.0", A)]
    assert read(*rows).published == {"1.0.0"}


def test_a_return_to_another_release_records_nothing() -> None:
    """A digest is that of the release for which it was pinned first, whatever a later subject says."""
    rows = (("for v1.0.0", f"{NAME}@{A}"), ("for v1.1.0", f"{NAME}@{B}"), ("Take this for v1.2.0", f"{NAME}@{A}"))

    assert recorded(*rows) == [("1.1.0", B), ("1.0.0", A)]
    assert read(*rows).published == {"1.0.0", "1.1.0"}


def test_a_return_to_its_own_release_records_it_again() -> None:
    """After a rollback the release was rolled out once more."""
    rows = (
        ("for v1.0.0", f"{NAME}@{A}"),
        ("for v1.1.0", f"{NAME}@{B}"),
        ("Roll back", f"{NAME}@{A}"),
        ("Again for v1.1.0", f"{NAME}@{B}"),
    )

    assert recorded(*rows) == [("1.1.0", B), ("1.0.0", A)]
    assert read(*rows).records[0].commit.subject == "Again for v1.1.0"


@pytest.mark.parametrize(
    ("subject", "value"),
    [
        ("Explain the pin for v1.1.0", f"# prepared\nAGENT={NAME}@{A}\n"),
        ("Pin for v1.1.0", f"ghcr.io/acme/web@{B}"),
        ("Pin for v1.1.0", "hunter2 s3cret"),
        ("Pin for v1.1.0", f"OTHER={NAME}@{B}\n"),
        ("Pin for v1.1.0", f"AGENT='{NAME}@{B}\n"),
        ("Pin for v1.1.0", "AGENT=\n"),
        ("Pin a new image", f"{NAME}@{B}"),
        ("Pin for v1.1.0 and for v1.2.0", f"{NAME}@{B}"),
    ],
)
def test_what_pins_no_one_release_records_nothing(subject: str, value: str) -> None:
    """A comment, another image, no image, another variable, a broken file, no release or several."""
    rows = (("for v1.0.0", f"{NAME}@{A}"), (subject, value))

    assert recorded(*rows) == [("1.0.0", A)]
    assert read(*rows).published == {"1.0.0"}


def test_the_last_assignment_counts() -> None:
    """As for Compose."""
    assert recorded(("for v1.0.0", f"AGENT={NAME}@{A}\nAGENT={NAME}@{B}\n")) == [("1.0.0", B)]


def test_a_pin_by_tag_shows_that_there_was_an_image() -> None:
    """It records no digest."""
    history = read(("for v1.0.0", f"{NAME}:1.0.0"), ("for v1.1.0", f"{NAME}@{B}"))

    assert [record.release for record in history.records] == ["1.1.0"]
    assert history.published == {"1.0.0", "1.1.0"}


def test_where_the_history_was_cut_off_nothing_was_pinned() -> None:
    """In a shallow clone the oldest commit seems to have made every file, whatever it did."""
    rows = (("Notes for v1.3.0", f"{NAME}@{A}"), ("for v1.1.0", f"{NAME}@{B}"))

    assert recorded(*rows, shallow=True) == [("1.1.0", B)]
    assert recorded(*rows) == [("1.1.0", B), ("1.3.0", A)]
    assert recorded(rows[0], (rows[0][0], f"# comment\nAGENT={NAME}@{A}\n"), shallow=True) == []


class FakeRegistry:
    """A registry door that answers for tags."""

    def __init__(self, answers: dict[str, str | CouldNotLook]) -> None:
        self._answers = answers
        self.asked: list[str] = []

    def head_manifest(self, image: ImageReference, _deadline: Deadline) -> Manifest:
        """Answer with a digest, or raise."""
        assert (image.name, image.digest) == (NAME, None)
        self.asked.append(image.tag or "")
        answer = self._answers[image.tag or ""]
        if isinstance(answer, CouldNotLook):
            raise answer
        return Manifest(answer, "application/vnd.oci.image.index.v1+json", 1)


def asking(registry: FakeRegistry) -> Context:
    """Return a context with that registry."""
    return fake_context(registry=registry, seconds=20)


RECORDS = read(("for v1.0.0", f"{NAME}@{A}"), ("for v1.1.0", f"{NAME}@{B}"), ("for v1.2.0", f"{NAME}@{C}")).records


def check(answers: dict[str, Any], limit: int = 20) -> tuple[tuple[TagCheck, ...], CouldNotLook | None, list[str]]:
    """Compare the tags that a registry lists, and say which were asked."""
    registry = FakeRegistry(answers)
    there = {release.name: release for release in find_releases(answers)}
    return *check_tags(asking(registry), RECORDS, there, limit), sorted(registry.asked)


def test_tags_are_compared() -> None:
    """Each spelling of a release by itself; what is not listed is not asked."""
    checked, problem, asked = check({"1.0.0": A, "1.2.0": C, "v1.2.0": B, "9.9.9": A})

    assert [(each.tag, each.moved) for each in checked] == [("1.2.0", False), ("v1.2.0", True), ("1.0.0", False)]
    assert problem is None
    assert asked == ["1.0.0", "1.2.0", "v1.2.0"]


def test_a_tag_that_is_gone_moved() -> None:
    """Listed, but answering no more: it points nowhere."""
    checked, problem, _ = check({"1.2.0": ManifestUnknown("gone", "")})

    assert [(each.tag, each.digest, each.moved) for each in checked] == [("1.2.0", "", True)]
    assert problem is None
    assert checked[0].evidence()["points_at"] is None


def test_the_first_problem_is_handed_on() -> None:
    """What could not be asked is neither moved nor in its place."""
    first, second = CouldNotLook("one", ""), CouldNotLook("two", "")

    checked, problem, _ = check({"1.0.0": second, "1.1.0": B, "1.2.0": first})

    assert [each.tag for each in checked] == ["1.1.0"]
    assert problem is first


@pytest.mark.parametrize(("limit", "asked"), [(0, []), (2, ["1.1.0", "1.2.0"])])
def test_no_more_are_asked_than_allowed(limit: int, asked: list[str]) -> None:
    """Those that come first."""
    assert check({"1.0.0": A, "1.1.0": B, "1.2.0": C}, limit)[2] == asked


def test_evidence() -> None:
    """A moved tag is told with both digests and the commit."""
    record: RecordedPin = RECORDS[0]

    assert TagCheck(record, "1.2.0", A).evidence() == {
        "image": NAME,
        "release": "1.2.0",
        "tag": "1.2.0",
        "points_at": A,
        "digest": C,
        "commit": record.commit.hash,
        "subject": "for v1.2.0",
    }
