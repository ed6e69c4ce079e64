"""preflight/pin/update/plan.py: real git, a fake registry."""

from dataclasses import replace
from pathlib import Path

import pytest

from preflight.errors import ConfigurationError, CouldNotLook
from preflight.pin.refusal import Refused
from preflight.pin.update.order import Order
from preflight.pin.update.plan import PinMoved, make_plan
from preflight.releases.names import find_releases
from preflight.run.config import Configuration
from tests.fakes.ghcr import FakeGhcr
from tests.preflight.pin.update.bench import Bench

[RELEASE] = find_releases(["1.1.0"])


@pytest.fixture
def bench(tmp_path: Path, ghcr: FakeGhcr) -> Bench:
    """1.0.0 is pinned."""
    return Bench(tmp_path, ghcr)


@pytest.mark.parametrize(("tag", "kept"), [("", ""), (":1.0.0", ":1.1.0"), (":v1.0.0", ":v1.1.0"), (":stable", "")])
def test_the_new_value(tmp_path: Path, ghcr: FakeGhcr, tag: str, kept: str) -> None:
    """The name as it is written; a tag that names a release becomes that of the new one, another is left out."""
    plan = Bench(tmp_path, ghcr, tag).judge("1.1.0")
    assert plan.value == f"{ghcr.host}/owner/agent{kept}@{plan.source.digest}"


def test_older_than_the_pinned_one_by_the_registry(bench: Bench) -> None:
    """The commit names no release; the tag of a newer one is the same image."""
    bench.site.checkout.commit({"docker/pin.env": bench.text("1.2.0")}, "Pin something")
    bench.site.push_all()
    with pytest.raises(Refused, match=r"release 1\.1\.0 is older than 1\.2\.0, which is pinned"):
        bench.judge("1.1.0")


def test_rolled_back_from(bench: Bench) -> None:
    """Only with --again; a history that is cut off does not tell."""
    for release in ("1.1.0", "1.0.0"):
        bench.site.checkout.commit({"docker/pin.env": bench.text(release)}, f"Pin it for {release}")
    bench.site.push_all()
    with pytest.raises(Refused, match=r"release 1\.1\.0 \(sha256:.* was rolled back from"):
        bench.judge("1.1.0")
    assert not bench.judge("1.1.0", again=True).is_there


def test_a_history_that_is_cut_off(bench: Bench) -> None:
    """A release that is published only now was not rolled back from; of another nobody knows."""
    head = bench.site.checkout.git("rev-parse", "HEAD")
    (bench.site.checkout.path / ".git/shallow").write_text(f"{head}\n")
    with pytest.raises(CouldNotLook, match=r"nothing tells whether release 1\.1\.0 was rolled back from"):
        bench.judge("1.1.0")
    assert not bench.judge("1.1.0", again=True).is_there
    bench.ghcr.push("owner/agent", "build-3", content="three")
    assert bench.judge("1.3.0", source="build-3", retag=True).target.publish


def test_what_the_branch_pins_by_now(bench: Bench) -> None:
    """An older release is replaced, with a note; a newer one stays; of an unknown image somebody has to decide."""
    bench.somebody_pins("1.1.0", "Pin it for 1.1.0")
    assert any("origin/main pins 1.1.0 (sha256:" in note for note in bench.judge("1.2.0").notes)
    with pytest.raises(Refused, match=r"older than 1\.1\.0, which is pinned in origin/main by now; it stays"):
        bench.judge("1.0.0")
    bench.digests["hand-made"] = bench.ghcr.push("owner/agent", content="hand-made")
    bench.somebody_pins("hand-made", "Try something")
    with pytest.raises(PinMoved, match="somebody pinned another image meanwhile"):
        bench.judge("1.2.0")


def test_pinned_already(bench: Bench) -> None:
    """There is nothing to do, whatever the line looks like."""
    plan = bench.plan("1.0.0")
    assert plan.is_done
    assert plan.pins[0].decide(plan.pins[0].pinned.value) == plan.pins[0].pinned.value


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("Pin {digest} for {release}", ""),
        ("Pin {digest} for v{release} [skip actions]", ""),
        ("Pin {digest}", "the message does not say `for {release}`"),
        ("Pin {digest} for {release} [SKIP CI]", "deploy no push whose commits say [skip ci]"),
    ],
)
def test_a_message_that_is_warned_of(bench: Bench, message: str, words: str) -> None:
    """It names no release, or keeps Coolify from deploying."""
    bench.pin = replace(bench.pin, message=message)
    notes = bench.plan("1.1.0").notes
    assert words in "".join(notes)
    assert len(notes) == bool(words)


def test_different_messages(bench: Bench) -> None:
    """One commit has one."""
    pinned = bench.pinned()
    other = replace(pinned, pin=replace(bench.pin, variable="OTHER", message="Mine"))
    with pytest.raises(ConfigurationError, match="the pins have different messages"):
        make_plan(bench.context(), Configuration(None, bench.folder), [pinned, other], Order(RELEASE))
