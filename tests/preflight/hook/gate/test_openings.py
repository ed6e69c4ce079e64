"""preflight/hook/gate.py: what the operator lets through."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from provision.sample import Sample

from preflight.hook.command import Opening
from preflight.receipts.receipt import read_receipts
from tests.preflight.hook.gate.asking import ONLY, lines, order, push, run


@pytest.mark.compose
def test_the_registry_may_be_allowed_to_be_away(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path
) -> None:
    """With the option, a registry that does not answer blocks nothing; line, log and receipt say so."""
    away = "127.0.0.1:9"
    pin = sample.pin_file
    pin.write_text(pin.read_text().replace(sample.registry, away))
    push(sample, "Pin the agent image for v1.4.2")
    asked = {"only": ("image-pullable", "pin-file"), "registry_insecure": (away,)}
    blocked = run(order(upstream, sample, tmp_path, **asked), environ)
    assert blocked.exit_code == 3
    assert blocked.line.startswith("BLOCKED, could not look: ")

    allowed = run(order(upstream, sample, tmp_path, allow_unreachable_registry=True, **asked), environ)
    assert allowed.exit_code == 0, allowed.line
    assert "let through by --allow-unreachable-registry: image-pullable/could-not-look: " in allowed.line
    (receipt,) = read_receipts(tmp_path / "state" / "receipts")
    assert receipt.verdict == "opened"
    assert "--allow-unreachable-registry" in receipt.opened
    assert lines(tmp_path)[-1]["opened"] == "--only image-pullable,pin-file; --allow-unreachable-registry"


@pytest.mark.compose
@pytest.mark.registry
def test_a_registry_that_answers_no_is_not_away(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path
) -> None:
    """The option is for silence: a digest that is gone blocks all the same."""
    pin = sample.pin_file
    pin.write_text(pin.read_text().replace(sample.reference[-8:], "0" * 8))
    push(sample, "Pin the agent image for v1.4.2")
    asked = {"only": ("image-pullable", "pin-file"), "allow_unreachable_registry": True}
    assert run(order(upstream, sample, tmp_path, **asked), environ).exit_code == 1


@pytest.mark.compose
def test_one_check_may_be_allowed_to_fail(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path
) -> None:
    """It runs and is told of, but blocks nothing; with nothing else that passed, the gate stays shut."""
    sample.shadow("ghcr.io/a/b:1")
    push(sample)
    allowed = {"only": ("env-shadowing", "env-file-syntax"), "allow": ("env-shadowing/environment",)}
    said = run(order(upstream, sample, tmp_path, **allowed), environ)
    assert said.exit_code == 0, said.line
    assert "open: --only env-shadowing,env-file-syntax; --allow env-shadowing/environment" in said.line
    assert "let through by --allow: env-shadowing/environment: environment: of application-server" in said.line
    alone = run(
        order(upstream, sample, tmp_path, only=("env-shadowing",), allow=("env-shadowing/environment",)), environ
    )
    assert alone.exit_code == 3
    assert "nothing passed" in alone.line


def opening(hours: float) -> Opening:
    """Return an opening that ends in so many hours."""
    return Opening(datetime.now(UTC) + timedelta(hours=hours), "outage of the registry")


@pytest.mark.compose
def test_the_gate_can_be_opened_by_force_until_a_moment(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path
) -> None:
    """What is wrong is said all the same, with who opened it and why; afterwards it is shut again."""
    sample.shadow("ghcr.io/a/b:1")
    push(sample)
    said = run(order(upstream, sample, tmp_path, opening=opening(1), **ONLY), environ)
    assert said.exit_code == 0
    assert said.line.startswith("OPEN by force: ")
    assert "1 failed" in said.line
    assert "(outage of the registry)" in said.line
    (receipt,) = read_receipts(tmp_path / "state" / "receipts")
    assert receipt.verdict == "opened"
    assert "outage of the registry" in lines(tmp_path)[0]["opened"]
    assert run(order(upstream, sample, tmp_path, opening=opening(-1), **ONLY), environ).exit_code == 1


def test_the_gate_opened_by_force_is_open_when_nothing_can_be_judged(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path
) -> None:
    """The emergency may be that git is away."""
    said = run(order(upstream, sample, tmp_path, repository="/nowhere", opening=opening(1)), environ)
    assert said.exit_code == 0
    assert said.line.startswith("OPEN although nothing was judged: ")
    assert "outage of the registry" in said.line
    assert not (tmp_path / "state" / "receipts").exists()
