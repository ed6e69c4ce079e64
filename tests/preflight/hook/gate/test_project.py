"""preflight/hook/gate.py: which files, variables, configuration and commit are judged."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from provision.sample import Sample

from preflight.receipts.receipt import read_receipts
from tests.preflight.hook.gate.asking import ONLY, SECRET, git, lines, order, push, run


@pytest.mark.compose
def test_coolifys_fields_say_where_the_files_lie(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path
) -> None:
    """Base directory / makes Compose look for the pin file in the root, where it is not: blocked; /docker is right."""
    asked = {"only": ("env-file-syntax", "env-shadowing")}
    good = {"base_directory": "/docker", "compose_location": "/compose.app.yaml"}
    bad = {"base_directory": "/", "compose_location": "/docker%2Fcompose.app.yaml"}
    assert run(order(upstream, sample, tmp_path, **good, **asked), environ).exit_code == 0
    said = run(order(upstream, sample, tmp_path, **bad, **asked), environ)
    assert said.exit_code != 0, said.line


@pytest.mark.compose
def test_the_ui_variables_in_the_sidecar_are_not_taken_for_the_shells(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path
) -> None:
    """In default mode Coolify gives the sidecar every variable of its UI; `up` is not called with them."""
    text = sample.compose_file.read_text()
    line = "SPRING_PROFILES_ACTIVE: ${SPRING_PROFILES_ACTIVE:-prod}"
    name = "HEPHAESTUS_AGENT_IMAGE_REFERENCE"
    sample.compose_file.write_text(text.replace(line, f"{line}\n      OTHER: ${{{name}:-none}}"))
    push(sample)
    inside = {**environ, name: "ghcr.io/a/b:1"}
    assert run(order(upstream, sample, tmp_path, **ONLY), inside).exit_code == 0


@pytest.mark.compose
def test_the_last_deployments_env_file_interpolates(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path
) -> None:
    """Coolify calls Compose with the .env of its UI: what the compose file demands of it is not missing here."""
    folder = tmp_path / "coolify" / "applications" / "abc123"
    folder.mkdir(parents=True)
    text = sample.compose_file.read_text()
    sample.compose_file.write_text(text.replace("${SPRING_PROFILES_ACTIVE:-prod}", "${SPRING_PROFILES_ACTIVE:?}"))
    (sample.path / "preflight.yaml").write_text(f"coolify: {{root: {tmp_path / 'coolify'}}}\n")
    git("-C", str(sample.path), "add", "--all")
    push(sample)
    fields = {"base_directory": "/docker", "compose_location": "/compose.app.yaml", "application": "abc123"}
    assert run(order(upstream, sample, tmp_path, **fields, **ONLY), environ).exit_code != 0
    (folder / ".env").write_text(f"SPRING_PROFILES_ACTIVE=prod\nDB_PASSWORD={SECRET}\n")
    for given in (fields, {"application": "abc123"}):
        said = run(order(upstream, sample, tmp_path, **given, **ONLY), environ)
        assert said.exit_code == 0, said.line


@pytest.mark.compose
def test_a_configuration_in_the_checkout_is_heeded_and_told_of(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path
) -> None:
    """What it skips and waives stands in the line; code to run it may not name."""
    config = sample.path / "preflight.yaml"
    sample.shadow("ghcr.io/a/b:1")
    waiver = "waivers: [{check: env-shadowing, code: environment, until: 2999-01-01, reason: known}]\n"
    config.write_text(waiver + "skip: [image-pullable]\nonly: [env-shadowing, env-file-syntax]\n")
    git("-C", str(sample.path), "add", "--all")
    push(sample)
    said = run(order(upstream, sample, tmp_path), environ)
    assert said.exit_code == 0, said.line
    narrowed = (
        "run by preflight.yaml: only env-shadowing, env-file-syntax",
        "left out by preflight.yaml: image-pullable",
        "waived: env-shadowing/environment",
    )
    assert "; ".join(narrowed) in said.line
    assert lines(tmp_path)[-1]["opened"] == "; ".join(narrowed)
    assert read_receipts(tmp_path / "state" / "receipts")[0].opened == narrowed
    config.write_text("checks_dir: evil\n")
    push(sample)
    assert run(order(upstream, sample, tmp_path), environ).exit_code == 2


@pytest.mark.engine
@pytest.mark.registry
@pytest.mark.parametrize("name", ["docker", "preflight.yaml"])
def test_what_lies_behind_a_link_is_not_the_commit(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path, name: str
) -> None:
    """A link may lead to files of this host that are right, where what is deployed is something else: blocked."""
    place, elsewhere = sample.path / name, tmp_path / "elsewhere"
    if place.is_dir():
        place.rename(elsewhere)
    else:
        elsewhere.write_text("skip: [env-shadowing]\n")
    place.symlink_to(elsewhere)
    git("-C", str(sample.path), "add", "--all")
    push(sample)
    said = run(order(upstream, sample, tmp_path), environ)
    assert said.exit_code == 3
    assert "lies behind a link that leads out of the repository -> Commit the file itself" in said.line
    assert not (tmp_path / "state" / "receipts").exists()


@pytest.mark.compose
def test_a_configuration_of_the_operators_own_judges_the_checkout(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path
) -> None:
    """Its relative paths are paths in the commit that is to be deployed."""
    config = tmp_path / "etc" / "preflight.yaml"
    config.parent.mkdir()
    config.write_text(
        "pins: [{variable: HEPHAESTUS_AGENT_IMAGE_REFERENCE, service: application-server,"
        " file: docker/agent-image-pin.env, overrides: [docker/agent-image-pin.local.env]}]\n"
        "compose: {files: [docker/compose.app.yaml], project_directory: docker}\n"
    )
    said = run(order(upstream, sample, tmp_path, config=config, only=("pin-file", "env-shadowing")), environ)
    assert said.exit_code == 0, said.line
    (receipt,) = read_receipts(tmp_path / "state" / "receipts")
    assert [pin.file for pin in receipt.pins] == ["docker/agent-image-pin.env"]


@pytest.mark.registry
def test_the_branch_that_is_deployed_is_the_one_compared_with(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path
) -> None:
    """Another branch than the remote's default one is deployed: its own head is what the pin must be at."""
    git("-C", str(sample.path), "checkout", "--quiet", "-b", "production")
    pin = sample.pin_file
    pin.write_text(pin.read_text().replace(sample.reference[-8:], "0" * 8))
    git("-C", str(sample.path), "commit", "--quiet", "--all", "--message", "Pin the agent image for v9.0.0")
    git("-C", str(sample.path), "push", "--quiet", "origin", "production")
    said = run(order(upstream, sample, tmp_path, branch="production", only=("pin-freshness",)), environ)
    assert said.exit_code == 0, said.line
    said = run(
        order(upstream, sample, tmp_path, branch="", only=("pin-freshness",)),
        {**environ, "COOLIFY_BRANCH": '"production"'},
    )
    assert said.exit_code == 0, said.line


@pytest.mark.compose
def test_a_commit_can_be_named(upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path) -> None:
    """For a rollback: that commit is judged, not the branch's head."""
    good = git("-C", str(sample.path), "rev-parse", "HEAD")
    sample.shadow("ghcr.io/a/b:1")
    push(sample)
    said = run(order(upstream, sample, tmp_path, commit=good, **ONLY), environ)
    assert said.exit_code == 0, said.line
    assert f"main@{good[:9]}" in said.line


@pytest.mark.compose
def test_a_checkout_that_is_there_is_judged_in_place(
    sample: Sample, environ: Mapping[str, str], tmp_path: Path, upstream: Path
) -> None:
    """In Coolify's custom build command: no fetch, and the checkout stays."""
    asked = order(upstream, sample, tmp_path, repository="", branch="main", checkout=sample.path, **ONLY)
    said = run(asked, environ)
    assert said.exit_code == 0, said.line
    assert sample.path.is_dir()
    (receipt,) = read_receipts(tmp_path / "state" / "receipts")
    assert receipt.commit == git("-C", str(sample.path), "rev-parse", "HEAD")
