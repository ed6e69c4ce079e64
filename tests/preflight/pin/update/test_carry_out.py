"""preflight/pin/update/carry_out.py: real git, a fake registry."""

from dataclasses import replace
from pathlib import Path

import pytest

from preflight.git.publish import PushDeclined
from preflight.pin.deliver import Push, WorkTree
from preflight.pin.new_branch import started, where_to_ask
from preflight.pin.refusal import Refused
from preflight.pin.update.carry_out import carry_out, demand_possible
from tests.fakes.ghcr import FakeGhcr
from tests.preflight.pin.update.bench import PUSH, REPOSITORY, Bench


@pytest.fixture
def bench(tmp_path: Path, ghcr: FakeGhcr) -> Bench:
    """1.0.0 is pinned."""
    return Bench(tmp_path, ghcr)


def test_somebody_pins_an_older_release_meanwhile(bench: Bench) -> None:
    """The line is judged again, and the newer one wins; the plan that is told says so."""
    plan = bench.plan("1.2.0")
    bench.somebody_pins("1.1.0", "Pin it for 1.1.0")
    done = carry_out(bench.context(), demand_possible(bench.context(), plan, PUSH)[0], PUSH, str)
    assert done.delivered.commit == bench.site.bare.git("rev-parse", "main")
    assert bench.site.remote_text() == bench.text("1.2.0")
    assert done.plan.pins[0].pinned.present.release == "1.1.0"


def test_somebody_pins_a_newer_release_meanwhile(bench: Bench) -> None:
    """It stays, between plan and check as between check and push."""
    plan = bench.plan("1.1.0")
    bench.somebody_pins("1.2.0", "Pin it for 1.2.0")
    for act in (
        lambda: demand_possible(bench.context(), plan, PUSH),
        lambda: carry_out(bench.context(), plan, PUSH, str),
    ):
        with pytest.raises(Refused, match=r"older than 1\.2\.0, which is pinned in origin/main by now; it stays"):
            act()
    assert bench.site.remote_text() == bench.text("1.2.0")


def test_somebody_else_was_faster(bench: Bench) -> None:
    """With the same release: nothing to do."""
    plan = bench.plan("1.1.0")
    bench.somebody_pins("1.1.0", "Pin it for 1.1.0")
    assert not carry_out(bench.context(), plan, PUSH, str).delivered.changed


def test_what_was_published_is_told_when_the_push_fails(bench: Bench) -> None:
    """The next run finds the tag and goes on."""
    bench.ghcr.push(REPOSITORY, "build-3", content="three")
    plan, told = bench.plan("1.3.0", source="build-3", retag=True), list[str]()
    bench.site.hook("pre-receive", "exit 1")
    with pytest.raises(PushDeclined) as caught:
        carry_out(bench.context(), plan, PUSH, told.append)
    assert "--push --branch NEW" in caught.value.hint
    assert f"Published already: {bench.ghcr.host}/{REPOSITORY}:1.3.0; the same command goes on" in caught.value.hint
    assert [line.partition(":")[0] for line in told] == ["published", "compared"]
    (bench.site.bare.path / "hooks/pre-receive").unlink()
    done = carry_out(bench.context(), bench.plan("1.3.0", source="build-3", retag=True), PUSH, str)
    assert (done.published, bool(done.delivered.commit)) == ((), True)


def test_a_new_branch(bench: Bench) -> None:
    """It starts where it is to be merged; a page is named where the remote has one."""
    new = started(bench.context(), [bench.pin], replace(PUSH, branch="pin/1.1.0"))
    assert isinstance(new, Push)
    assert new.start == "main"
    assert where_to_ask(bench.context(), new) == "merge pin/1.1.0 into main"
    assert carry_out(bench.context(), bench.plan("1.1.0"), new, str).delivered.where == "origin/pin/1.1.0"
    assert bench.site.remote_text("pin/1.1.0") == bench.text("1.1.0")
    assert bench.site.remote_text() == bench.text("1.0.0")
    bench.site.checkout.git("remote", "set-url", "origin", "git@github.com:a/b.git")
    assert where_to_ask(bench.context(), new).endswith(": https://github.com/a/b/compare/main...pin/1.1.0?expand=1")
    assert where_to_ask(bench.context(), PUSH) == ""
    assert started(bench.context(), [bench.pin], WorkTree()) == WorkTree()
