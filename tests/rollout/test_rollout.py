"""A sound rollout and a sound rollback pass the gate before them, and are proven after them."""

import pytest

from tests.rollout.deploy_host import CONTAINER, DeployHost

pytestmark = [pytest.mark.engine, pytest.mark.compose, pytest.mark.registry]

WRONG = ("fail", "error", "warn")


def test_a_healthy_run_fits_a_terminal_of_80_columns_and_24_lines(host: DeployHost) -> None:
    """Header, checks and verdict; what each check found is not cut in the middle of what counts."""
    lines = host.screen()
    assert len(lines) < 24, "\n".join(lines)
    assert max(map(len, lines)) <= 80
    assert "may this commit be rolled out?" in lines[0]
    assert lines[-1].startswith("Exit 0: clear to roll out.")
    found = dict(line.split(maxsplit=2)[1:] for line in lines if line.startswith("ok "))
    said = {
        "pin-file": "pinned by digest: sha256:",
        "compose-version": "docker compose is ",
        "env-file-syntax": "nothing comes after the pin file: ",
        "env-shadowing": "nothing overrides the pin: ",
        "pin-freshness": "origin/main pins the same, since ",
        "ghcr-tag-retention": "release tag 1.4.1 points at the digest: ",
        "image-pullable": "would pull: ",
        "coolify-env-file": f"the pin is in {CONTAINER}",
    }
    assert {check: found[check][: len(words)] for check, words in said.items()} == said


def test_a_failing_run_shows_its_failure_and_the_remedy_last(host: DeployHost) -> None:
    """On the last screenful, with the verdict behind it."""
    host.sample.shadow("ghcr.io/acme/agent:latest")
    try:
        last = host.screen()[-24:]
    finally:
        host.repository.git("checkout", "--quiet", "--", ".")
    [place] = [number for number, line in enumerate(last) if line.startswith("FAIL  env-shadowing/environment")]
    assert any("-> Delete " in line for line in last[place:])
    assert last[-1].startswith("Exit 1: do not roll out.")


def test_a_rollout_and_its_rollback(host: DeployHost) -> None:
    """Healthy, a new release pinned, deployed, reverted, deployed again."""
    for stage in ("before", "after"):
        healthy = host.ask(stage)
        assert (healthy.exit_code, healthy.codes(*WRONG)) == (0, set())

    host.sample.release("1.4.2", host.registry)
    host.push()
    before, after = host.ask("before"), host.ask("after")
    assert (before.exit_code, before.codes(*WRONG)) == (0, set())
    assert "coolify-env-file/stale" in before.codes("pass")
    said = before.said("coolify-env-file", "pass")
    assert "runs 1.4.1, of commit " in said
    assert said.endswith("; this rollout brings 1.4.2")
    assert (after.exit_code, after.codes(*WRONG)) == (1, {"coolify-env-file/stale"})
    [(_, stale)] = after.findings("fail")
    assert stale["subject"] == {"kind": "container", "name": CONTAINER}

    host.deploy()
    arrived = host.ask("after")
    assert (arrived.exit_code, arrived.codes(*WRONG)) == (0, set())
    assert "coolify-env-file/stale" not in arrived.codes("pass")

    host.sample.revert()
    host.push()
    back = host.ask("before")
    assert (back.exit_code, back.codes(*WRONG)) == (0, set())
    assert back.said("coolify-env-file", "pass").endswith("; this rollout goes back to 1.4.1")
    for check in ("pin-freshness", "ghcr-tag-retention"):
        assert "rolled back to 1.4.1 by " in back.said(check, "pass")

    host.deploy()
    rolled_back = host.ask("after")
    assert (rolled_back.exit_code, rolled_back.codes(*WRONG)) == (0, set())
    assert "coolify-env-file/stale" not in rolled_back.codes("pass")
