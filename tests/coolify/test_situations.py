"""Every situation that a pin can be in under Coolify: verdict, cause, and a remedy that, applied, makes it pass."""

import os

import pytest
from provision.sample import COMPOSE_FILE, PIN_FILE, VARIABLE

from tests.coolify.stage import OLD, PIN_NAME, Judged, Stage
from tests.real.coolify import DeploymentFailed, ServiceStack
from tests.real.manual_sample import compare_sample

pytestmark = [pytest.mark.engine, pytest.mark.registry]

CONTAINER = "coolify-env-file"


def passes(stage: Stage) -> Judged:
    """The whole tool lets it through: nothing fails, and the proof in the container was had.

    Of a service stack it goes on warning that no deployment refreshes its copy, and of raw mode with Preserve
    Repository that previews, which nothing rules out without the API, change production's pin.
    """
    judged = stage.judge(code=0)
    said = judged.said("coolify-mode")
    warns = "service stack reads the copy" in said or "review" in said
    assert judged.failing == ({"coolify-mode": "warn"} if warns else {})
    assert judged.only(CONTAINER)["status"] == "pass"
    return judged


def fails(stage: Stage, *words: str, too: tuple[str, ...] = ()) -> str:
    """The whole tool blocks it, and the check of the container gives these words; return all it says.

    The checks in ``too`` fail as well: they see before a deployment what this one sees after it.
    """
    judged = stage.judge(code=1)
    assert {check: judged.failing.get(check) for check in too} == dict.fromkeys(too, "fail")
    finding = judged.only(CONTAINER)
    assert finding["status"] == "fail"
    said = f"{finding['message']} {finding['hint']}"
    for each in words:
        assert each in said
    return said


def test_raw_mode_with_preserve_repository_passes(stage: Stage) -> None:
    """The one combination in which Coolify keeps the pin."""
    stage.coolify.deploy(stage.application(raw=True, preserve=True))

    passes(stage)


@pytest.mark.parametrize("preserve", [False, True], ids=["default", "default-preserved"])
def test_default_mode_fails_until_raw_mode_and_preserve_repository_are_on(stage: Stage, *, preserve: bool) -> None:
    """Rows 1 and 2: the entry is replaced. First way out: the switches, base directory and location that are named."""
    app = stage.application(raw=False, preserve=preserve)
    app.base_directory, app.compose_location = "/", f"/{COMPOSE_FILE}"
    stage.coolify.deploy(app)

    fails(
        stage,
        "replaced by Coolify: env_file: became its own .env",
        "Raw Compose Deployment and Preserve Repository on (Base Directory /docker, Compose Location /compose.app.yaml",
        too=("coolify-mode", "coolify-rendered-compose"),
    )

    app.raw, app.preserve = True, True
    app.base_directory, app.compose_location = "/docker", "/compose.app.yaml"
    stage.coolify.deploy(app)
    passes(stage)


@pytest.mark.parametrize("preserve", [False, True], ids=["default", "default-preserved"])
def test_default_mode_fails_until_the_pin_is_in_the_ui(stage: Stage, *, preserve: bool) -> None:
    """Second way out: the variable in the UI, the shadowing rule turned round; from then on the UI must follow git."""
    app = stage.application(raw=False, preserve=preserve)
    stage.coolify.deploy(app)
    fails(stage, f"set {VARIABLE} in Coolify's UI", "`coolify: {pin_in: ui}`")
    if not preserve:
        shown = stage.screen("--tag", "coolify").replace(str(stage.coolify.root), "/data/coolify")
        compare_sample("coolify.md", "default mode", shown)

    app.variables.set(VARIABLE, stage.reference)
    stage.settings["pin_in"] = "ui"
    stage.coolify.deploy(app)
    passes(stage)

    app.variables.set(VARIABLE, OLD)
    stage.coolify.deploy(app)
    fails(stage, "Coolify's UI says something else", f"Set {VARIABLE} in Coolify's UI to what {PIN_NAME} says")


def test_raw_mode_without_preserve_repository_fails_until_it_is_on(stage: Stage) -> None:
    """Row 3: the file is not on the host, and ``required: false`` hides it."""
    app = stage.application(raw=True, preserve=False)
    stage.coolify.deploy(app)

    too = ("coolify-mode", "coolify-rendered-compose")
    said = fails(stage, "file not found where Coolify looks", "Switch Preserve Repository on", too=too)
    assert str(stage.coolify.folder(app) / PIN_NAME) in said

    app.preserve = True
    stage.coolify.deploy(app)
    passes(stage)


def test_raw_mode_without_preserve_repository_fails_until_default_mode_has_the_pin_in_the_ui(stage: Stage) -> None:
    """In raw mode a variable of the UI reaches no container by itself, so that way out begins with the mode."""
    app = stage.application(raw=True, preserve=False)
    stage.coolify.deploy(app)
    fails(stage, "switch Raw Compose Deployment off", f"set {VARIABLE} in Coolify's UI", "`coolify: {pin_in: ui}`")

    app.raw = False
    app.variables.set(VARIABLE, stage.reference)
    stage.settings["pin_in"] = "ui"
    stage.coolify.deploy(app)
    passes(stage)


def test_a_wrong_base_directory_fails_until_it_is_the_folder_of_the_pin(stage: Stage) -> None:
    """Row 4: the copy lies a folder deeper than Compose looks; base directory and location must change together."""
    app = stage.application(raw=True, preserve=True)
    app.base_directory, app.compose_location = "/", f"/{COMPOSE_FILE}"
    stage.coolify.deploy(app)

    fails(
        stage,
        "file not found where Coolify looks",
        f"copy lies at {PIN_FILE} there",
        "Base Directory /docker",
        "Compose Location /compose.app.yaml",
        too=("coolify-rendered-compose",),
    )

    app.base_directory = "/docker"
    with pytest.raises(DeploymentFailed):
        stage.coolify.deploy(app)
    app.compose_location = "/compose.app.yaml"
    stage.coolify.deploy(app)
    passes(stage)


def test_a_path_that_leads_out_of_the_folder_fails_until_the_pin_is_moved_into_it(stage: Stage) -> None:
    """Switches and base directory are right, and no other base directory would bring the file."""
    text = stage.pin_text
    stage.edit("path: agent-image-pin.env", f"path: ../{PIN_NAME}")
    stage.commit({PIN_FILE: None, PIN_NAME: text})
    app = stage.application(raw=True, preserve=True)
    stage.coolify.deploy(app)

    said = fails(
        stage, f"Move {PIN_NAME} into /docker of the repository", too=("coolify-mode", "coolify-rendered-compose")
    )
    assert "Preserve Repository on" not in said

    stage.edit(f"path: ../{PIN_NAME}", "path: agent-image-pin.env")
    stage.commit({PIN_FILE: text, PIN_NAME: None})
    stage.coolify.deploy(app)
    passes(stage)


def test_a_leftover_copy_that_no_deployment_refreshes_is_stale_until_the_base_directory_is_right(stage: Stage) -> None:
    """Row 4: deploying again does not help, since the copy of today lies elsewhere; so that is not what is said."""
    app = stage.application(raw=True, preserve=True)
    app.base_directory, app.compose_location = "/", f"/{COMPOSE_FILE}"
    folder = stage.coolify.folder(app)
    folder.mkdir(parents=True)
    (folder / PIN_NAME).write_text(f"{VARIABLE}={OLD}\n")
    os.utime(folder / PIN_NAME, (1, 1))
    stage.coolify.deploy(app)

    fails(stage, "stale", str(folder / PIN_NAME), "Base Directory /docker", "Compose Location /compose.app.yaml")
    stage.coolify.deploy(app)
    fails(stage, "stale")

    app.base_directory, app.compose_location = "/docker", "/compose.app.yaml"
    stage.coolify.deploy(app)
    passes(stage)


def test_a_copy_from_before_preserve_repository_was_switched_off_is_stale_until_it_is_on(stage: Stage) -> None:
    """The pin changed in git, what lies on the host did not, and deploying again does not copy it."""
    app = stage.application(raw=True, preserve=True)
    stage.coolify.deploy(app)
    passes(stage)

    app.preserve = False
    stage.edit(stage.reference, OLD, PIN_FILE)
    stage.edit(OLD, stage.reference, PIN_FILE)
    (stage.coolify.folder(app) / PIN_NAME).write_text(f"{VARIABLE}={OLD}\n")
    stage.coolify.deploy(app)
    fails(stage, "stale", "Preserve Repository")

    app.preserve = True
    stage.coolify.deploy(app)
    passes(stage)


def test_a_container_from_before_the_pin_changed_is_stale_until_it_is_redeployed(stage: Stage) -> None:
    """All settings are right; nobody deployed since."""
    app = stage.application(raw=True, preserve=True)
    stage.edit(stage.reference, OLD, PIN_FILE)
    stage.coolify.deploy(app)
    stage.edit(OLD, stage.reference, PIN_FILE)

    fails(stage, "stale", "Redeploy")

    stage.coolify.deploy(app)
    passes(stage)


@pytest.fixture
def stack(stage: Stage) -> ServiceStack:
    """The sample as a service stack, with the pin file put into its folder by hand."""
    quick = "    restart: unless-stopped\n    stop_grace_period: 0s\n"  # each deployment recreates every container
    one = ServiceStack(stage.sample.compose_file.read_text().replace("    restart: unless-stopped\n", quick))
    folder = stage.coolify.folder(one)
    folder.mkdir(parents=True)
    (folder / PIN_NAME).write_text(stage.pin_text)
    return one


@pytest.mark.parametrize("value", [OLD, None, ""], ids=["another", "blank", "empty"])
def test_a_variable_in_the_ui_of_a_service_stack_shadows_until_it_is_deleted(
    stage: Stage, stack: ServiceStack, value: str | None
) -> None:
    """Row 5: ``.env`` comes last, and a blank row overrides the pin too."""
    stage.coolify.deploy_stack(stack)
    passes(stage)

    stack.variables.set(VARIABLE, value)
    stage.coolify.deploy_stack(stack)
    too = ("coolify-ui-shadowing",)
    fails(stage, "shadowed by the UI", f"Delete {VARIABLE} in Coolify", too=too)

    stack.variables.remove(VARIABLE)
    stage.coolify.deploy_stack(stack)
    passes(stage)


def test_a_service_stack_without_the_file_fails_until_it_is_put_there(stage: Stage, stack: ServiceStack) -> None:
    """Row 6: nobody copies a repository for a stack."""
    pin = stage.coolify.folder(stack) / PIN_NAME
    pin.unlink()
    stage.coolify.deploy_stack(stack)

    fails(stage, "file not found where Coolify looks", str(pin), f"Put {PIN_NAME} into the stack's folder")

    pin.write_text(stage.pin_text)
    stage.coolify.deploy_stack(stack)
    passes(stage)


def test_an_old_file_in_the_folder_of_a_service_stack_is_stale_until_it_is_replaced(
    stage: Stage, stack: ServiceStack
) -> None:
    """No deployment replaces it: whoever put it there must."""
    pin = stage.coolify.folder(stack) / PIN_NAME
    pin.write_text(f"{VARIABLE}={OLD}\n")
    stage.coolify.deploy_stack(stack)

    said = fails(stage, "stale", str(pin), f"Put {PIN_NAME} into the stack's folder")
    assert "Preserve Repository" not in said

    pin.write_text(stage.pin_text)
    stage.coolify.deploy_stack(stack)
    passes(stage)


def test_a_build_argument_of_the_pins_name_shadows_it_in_a_service_stack(stage: Stage, stack: ServiceStack) -> None:
    """Coolify copies build arguments into ``environment:``."""
    plain = stack.compose
    stack.compose = plain.replace(
        "    image: preflight-sample:local\n    pull_policy: never\n    # No",
        f"    image: preflight-sample:local\n    x-build: 1\n    build: {{args: {{{VARIABLE}: {OLD}}}}}\n    # No",
    )
    assert stack.compose != plain
    stage.coolify.save(stack)
    folder = stage.coolify.folder(stack)
    stage.coolify.engine.docker("tag", "preflight-sample:local", "preflight-sample:built")
    up = f"--project-directory {folder} -f {folder}/docker-compose.yml --project-name {stack.uuid} up -d --no-build"
    stage.coolify.engine.compose(*up.split(), cwd=folder)  # no test engine can build

    fails(stage, "shadowed by environment:", "build: args:")

    stack.compose = plain
    stage.coolify.deploy_stack(stack)
    passes(stage)


def test_an_interpolated_variable_takes_the_blank_row_that_coolify_made(stage: Stage) -> None:
    """Raw mode: nobody set it in the UI, yet ``X: ${X}`` is empty in the container."""
    app = stage.application(raw=True, preserve=True)
    line = f"    environment:\n      {VARIABLE}: ${{{VARIABLE}}}\n"
    stage.edit("    environment:\n      SPRING", f"{line}      SPRING")
    stage.coolify.deploy(app)
    assert stage.carried(app) == ""

    fails(stage, "shadowed by the UI", f"Take {VARIABLE} out of environment:", f"delete {VARIABLE} in Coolify's UI")

    stage.edit(line, "    environment:\n")
    stage.coolify.deploy(app)
    passes(stage)
    app.variables.remove(VARIABLE)
    stage.coolify.deploy(app)
    passes(stage)


def test_a_variable_in_the_ui_that_reaches_no_container_passes_in_raw_mode(stage: Stage) -> None:
    """It is for interpolation only, and nothing interpolates it."""
    app = stage.application(raw=True, preserve=True)
    app.variables.set(VARIABLE, OLD)
    stage.coolify.deploy(app)

    judged = passes(stage)
    assert "reaches no container in this mode" in judged.only("coolify-ui-shadowing")["message"]


def test_previews_are_not_judged_as_production(stage: Stage) -> None:
    """A preview without the pin beside a sound production changes nothing, though the host's ``.env`` is its own."""
    app = stage.application(raw=False, preserve=False)
    app.variables.set(VARIABLE, stage.reference)
    app.variables.set(VARIABLE, OLD, is_preview=True)
    stage.settings["pin_in"] = "ui"
    stage.coolify.deploy(app)
    stage.coolify.deploy(app, pull_request=7)
    assert f"{VARIABLE}={OLD}" in (stage.coolify.folder(app) / ".env").read_text()

    passes(stage)


def test_the_variables_of_a_preview_are_no_evidence_about_production(stage: Stage) -> None:
    """The preview has the new pin, production has not: deploying production again would not help."""
    app = stage.application(raw=False, preserve=False)
    app.variables.set(VARIABLE, OLD)
    app.variables.set(VARIABLE, stage.reference, is_preview=True)
    stage.settings["pin_in"] = "ui"
    stage.coolify.deploy(app)
    stage.coolify.deploy(app, pull_request=7)

    fails(stage, "said something else", "preview 7", f"Set {VARIABLE} in Coolify's UI to what {PIN_NAME} says")

    app.variables.set(VARIABLE, stage.reference)
    stage.coolify.deploy(app)
    passes(stage)


def test_two_applications_with_the_service_are_listed_and_the_uuid_chooses(stage: Stage) -> None:
    """Never a guess: the sound one would hide the other."""
    sound, broken = stage.application(raw=True, preserve=True), stage.application(raw=False, preserve=False)
    broken.name = "Staging"
    for app in (sound, broken):
        stage.coolify.deploy(app)

    judged = stage.judge()
    assert judged.exit_code != 0
    everything = " ".join(judged.said(check) for check in judged.failing)
    assert sound.uuid in everything
    assert broken.uuid in everything
    assert "application: UUID" in everything

    stage.settings["application"] = sound.uuid
    passes(stage)
    stage.settings["application"] = broken.uuid
    fails(stage, "replaced by Coolify")


def test_a_pin_deleted_from_git_is_not_saved_by_its_copy_on_the_host(stage: Stage) -> None:
    """The folder still has it and the container still carries it; the next host would not."""
    app = stage.application(raw=True, preserve=True)
    stage.coolify.deploy(app)
    passes(stage)

    text = stage.pin_text
    stage.commit({PIN_FILE: None})
    stage.coolify.deploy(app)
    assert stage.carried(app) == stage.reference
    judged = stage.judge()
    assert judged.exit_code != 0

    stage.commit({PIN_FILE: text})
    stage.coolify.deploy(app)
    passes(stage)
