"""checks/coolify_ui_shadowing.py"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from checks.coolify_ui_shadowing import CoolifyUiShadowing
from preflight.check import NoSettings
from preflight.model import Finding, Stage, Status
from preflight.project import Pin
from preflight.testing import run_check
from tests.fakes.coolify_api import TOKEN, FakeCoolify, Token, saying, variable
from tests.fakes.coolify_server import NEW, OLD, PIN_NAME, SERVICE, VARIABLE, CoolifyHost
from tests.fakes.http_server import answering
from tests.real.coolify import Application, ServiceStack

SECRET = "hunter2-do-not-show"
SENSITIVE = Token(frozenset({"read", "read:sensitive"}))
TAKES = f"    environment:\n      {VARIABLE}: "


def application(tmp_path: Path, *, raw: bool = False, preserve: bool = False) -> CoolifyHost:
    """Return a host with an application, not deployed yet."""
    return CoolifyHost(tmp_path, Application(tmp_path, raw=raw, preserve=preserve))


@pytest.fixture
def default(tmp_path: Path) -> CoolifyHost:
    """Default mode."""
    return application(tmp_path)


@pytest.fixture
def raw(tmp_path: Path) -> CoolifyHost:
    """Raw mode with Preserve Repository."""
    return application(tmp_path, raw=True, preserve=True)


@pytest.fixture
def stack(tmp_path: Path) -> CoolifyHost:
    """A service stack."""
    return CoolifyHost(tmp_path, ServiceStack(""))


@pytest.fixture
def in_ui(default: CoolifyHost) -> CoolifyHost:
    """Default mode with the pin in the UI, as it should be, and deployed."""
    default.settings["pin_in"] = "ui"
    default.resource.variables.set(VARIABLE, NEW)
    default.deploy()
    return default


@pytest.fixture
def api() -> Iterator[FakeCoolify]:
    """Coolify's API, for a token that may read."""
    with FakeCoolify() as fake:
        yield fake


def look(host: CoolifyHost, *more: Pin) -> list[Finding]:
    """Run the check; no finding may show a value that is none of its business."""
    findings = run_check(CoolifyUiShadowing(NoSettings()), host.context(*more))
    shown = "".join(f"{each.message}{each.hint}{dict(each.evidence)}" for each in findings)
    assert SECRET not in shown
    assert OLD not in shown
    assert TOKEN.split("|")[1] not in shown
    for each in findings:
        assert each.message.isprintable()
        # where the test happens to lie is not the product's doing
        assert len(each.message.replace(str(host.root), "/data/coolify")) < 200
        assert each.hint or each.status is Status.PASS
    return findings


def only(host: CoolifyHost) -> Finding:
    """Run the check and return its one finding."""
    findings = look(host)
    assert len(findings) == 1, findings
    return findings[0]


def passes(host: CoolifyHost, words: str = "nothing in Coolify's UI overrides") -> Finding:
    """It passes, with these words."""
    found = only(host)
    assert found.status is Status.PASS, found
    assert words in found.message
    return found


def fails(host: CoolifyHost, code: str, words: str, hint: str) -> Finding:
    """It fails with this code and these words; before a rollout nobody is told to deploy."""
    found = only(host)
    assert (found.status, found.code) == (Status.FAIL, code), found
    assert "redeploy" not in found.hint
    assert words in found.message
    assert hint in found.hint
    return found


def place(found: Finding) -> str:
    """Return the name and line of where it is said to be."""
    return Path(str(found.location)).name


class TestServiceStack:
    """``.env`` is read last."""

    @pytest.mark.parametrize(
        ("value", "words"),
        [(SECRET, f"{VARIABLE} from Coolify's UI overrides"), (None, "(blank) from"), ("", "(blank) from")],
    )
    def test_a_row_overrides_the_pin_also_a_blank_one(self, stack: CoolifyHost, value: str | None, words: str) -> None:
        """Without the row nothing is wrong; with it, the pin is overridden, and deleting it fixes that."""
        stack.deploy()
        passes(stack, "overrides the pin, as of the last deployment (service stack)")

        stack.resource.variables.set(VARIABLE, value)
        stack.deploy()
        found = fails(stack, "overridden", words, f"Delete {VARIABLE} in Coolify (Environment Variables).")
        assert place(found) == ".env:2"
        assert found.evidence["effect"] == "overrides-the-pin"

        stack.resource.variables.remove(VARIABLE)
        stack.deploy()
        passes(stack)

    def test_a_row_that_coolify_made_itself(self, stack: CoolifyHost) -> None:
        """``X: ${X}`` makes Coolify create a blank row that stays for as long as the line does; that is told."""
        stack.service(f"{TAKES}${{{VARIABLE}}}\n")
        stack.deploy()

        found = fails(
            stack,
            "overridden",
            f"{VARIABLE} (blank) from Coolify's UI overrides",
            f"Take {VARIABLE} out of environment:",
        )
        assert f"Coolify made that row itself because of ${{{VARIABLE}}}" in found.hint

        stack.service("")
        stack.deploy()
        fails(stack, "overridden", "(blank)", "Delete")  # the row outlives the line
        stack.resource.variables.remove(VARIABLE)
        stack.deploy()
        passes(stack)

    def test_a_row_that_another_entry_makes_again_cannot_simply_be_deleted(self, stack: CoolifyHost) -> None:
        """The parser makes it again as long as any value takes it, be it another variable's."""
        stack.service(f"    environment:\n      OTHER: ${{{VARIABLE}:-d}}\n")
        stack.deploy()

        found = fails(
            stack,
            "overridden",
            f"{VARIABLE} from Coolify's UI overrides",
            f"Take ${{{VARIABLE}}} out of OTHER in environment:",
        )
        assert f"delete {VARIABLE} in Coolify's UI" in found.hint

    def test_build_only_rows_are_in_a_stacks_env_file_all_the_same(self, stack: CoolifyHost, api: FakeCoolify) -> None:
        """A stack's ``.env`` takes every row, whatever its flags."""
        stack.deploy()
        stack.resource.variables.set(VARIABLE, SECRET, is_runtime=False)
        stack.tell_api(api)

        fails(stack, "overridden", "with the next deployment", "Delete")

    def test_equal_today(self, stack: CoolifyHost) -> None:
        """A row that says the same as the pin is a trap for the next pin."""
        stack.resource.variables.set(VARIABLE, NEW)
        stack.deploy()

        fails(stack, "overridden", "overrides the pin", "It is equal today, but will not follow the next pin.")

    def test_pin_file_that_is_not_in_the_checkout(self, stack: CoolifyHost) -> None:
        """The row is found all the same; whether it is equal nobody knows."""
        stack.resource.variables.set(VARIABLE, NEW)
        stack.deploy()
        stack.pin_file.unlink()

        assert "equal" not in fails(stack, "overridden", "overrides the pin", "Delete").hint

    def test_pin_file_that_is_not_in_the_folder(self, stack: CoolifyHost) -> None:
        """Where the pin file is missing, the row is all there is."""
        stack.resource.variables.set(VARIABLE, SECRET)
        stack.deploy()
        (stack.deployed / PIN_NAME).unlink()

        fails(stack, "only-source", f"gets {VARIABLE} from Coolify's UI alone", "delete")


class TestRawMode:
    """A row feeds interpolation, and nothing else."""

    def test_a_row_that_nothing_takes_is_harmless(self, raw: CoolifyHost) -> None:
        """It is said that it is there, and that it reaches nothing."""
        raw.deploy()
        passes(raw)

        raw.resource.variables.set(VARIABLE, SECRET)
        raw.deploy()
        passes(raw, f"{VARIABLE} is set in Coolify's UI, but reaches no container in this mode (Raw Compose Deployment")

    @pytest.mark.parametrize("value", [f"${{{VARIABLE}}}", f"${{{VARIABLE}:-x}}", f"${VARIABLE}", ""])
    def test_environment_takes_it(self, raw: CoolifyHost, value: str) -> None:
        """``X: ${X}`` and ``X:`` take what the UI says; the place in the compose file is told."""
        raw.service(TAKES + value + "\n")
        raw.resource.variables.set(VARIABLE, SECRET)
        raw.deploy()

        found = fails(
            raw, "interpolated", f"environment: of {SERVICE} takes {VARIABLE} from Coolify's UI", "out of environment:"
        )
        assert place(found).startswith("docker-compose.yaml:")

        raw.service("")
        raw.deploy()
        passes(raw, "reaches no container")

    def test_environment_takes_another_name(self, raw: CoolifyHost) -> None:
        """``X: ${Y}`` takes Y."""
        raw.service(f"{TAKES}${{REFERENCE}}\n")
        raw.resource.variables.set("REFERENCE", SECRET)
        raw.deploy()

        fails(raw, "interpolated", "from Coolify's UI: REFERENCE", "delete REFERENCE in Coolify's UI")

    def test_blank_row_that_coolify_made_in_raw_mode(self, raw: CoolifyHost) -> None:
        """The rows are made in raw mode too."""
        raw.service(f"{TAKES}${{{VARIABLE}}}\n")
        raw.deploy()

        found = fails(raw, "interpolated", f"from Coolify's UI: {VARIABLE} (blank)", "out of environment:")
        assert "Coolify made that row itself" in found.hint

    def test_the_pins_value_names_a_variable(self, raw: CoolifyHost) -> None:
        """``IMG=${TAG}`` takes TAG from the UI; so does a line of the file that the pin goes through."""
        raw.pin_file.write_text(f"DIGEST=sha256:{'1' * 64}\nNAME=a@${{DIGEST}}\n{VARIABLE}=${{NAME}}\n")
        raw.deploy()
        passes(raw)

        raw.resource.variables.set("DIGEST", SECRET)
        raw.deploy()
        found = fails(
            raw, "referenced", f"the value of {VARIABLE} takes DIGEST from Coolify's UI", "Write the value out"
        )
        assert place(found) == PIN_NAME

    def test_the_pins_value_names_what_coolify_sets(self, raw: CoolifyHost) -> None:
        """Some variables Coolify sets by itself, before the command."""
        raw.pin_file.write_text(f"{VARIABLE}=a:${{SOURCE_COMMIT}}\n")
        raw.deploy()

        fails(
            raw, "referenced", f"the value of {VARIABLE} takes SOURCE_COMMIT from Coolify itself", "Write the value out"
        )

    def test_coolify_sets_more_than_env_file_shows(self, raw: CoolifyHost) -> None:
        """What stands before the command only, and in no file, counts as well."""
        raw.pin_file.write_text(f"{VARIABLE}=a:${{COOLIFY_BRANCH}}\n")
        raw.deploy()

        fails(raw, "referenced", "takes COOLIFY_BRANCH from Coolify itself", "Write the value out")

    def test_raw_format_interpolates_nothing(self, raw: CoolifyHost) -> None:
        """With `format: raw` the value stays as it is written."""
        raw.compose_file.write_text(raw.compose_file.read_text().replace("required: false", "format: raw"))
        raw.pin_file.write_text(f"{VARIABLE}=a:${{TAG}}\n")
        raw.resource.variables.set("TAG", SECRET)
        raw.deploy()

        passes(raw)

    def test_a_path_names_a_variable(self, raw: CoolifyHost) -> None:
        """The UI decides which file is read: a warning while it is the pin's, a failure once it is not."""
        raw.compose_file.write_text(raw.compose_file.read_text().replace(PIN_NAME, f"${{PLACE:-.}}/{PIN_NAME}"))
        raw.deploy()
        passes(raw)

        raw.resource.variables.set("PLACE", ".")
        raw.deploy()
        found = only(raw)
        assert (found.status, found.code) == (Status.WARN, "open-path")
        assert f"which env file {SERVICE} reads depends on PLACE from Coolify's UI" in found.message

        raw.resource.variables.set("PLACE", "elsewhere")
        raw.deploy()
        fails(raw, "path", "depends on PLACE", "Write the path out in env_file:")

    def test_the_repository_lists_the_env_file_itself(self, raw: CoolifyHost) -> None:
        """A `.env` that the compose file lists after the pin is Coolify's; before it, the pin wins."""
        raw.resource.variables.set(VARIABLE, SECRET)
        raw.compose_file.write_text(raw.compose_file.read_text() + "      - .env\n")
        raw.deploy()
        fails(raw, "overridden", "overrides the pin", "Delete")

        entry = f"    env_file:\n      - path: {PIN_NAME}"
        text = raw.compose_file.read_text().replace("      - .env\n", "")
        raw.compose_file.write_text(text.replace(entry, f"    env_file:\n      - .env\n      - path: {PIN_NAME}"))
        raw.deploy()
        passes(raw, "reaches no container")


class TestDefaultMode:
    """The pin file is gone."""

    def test_a_row_is_the_only_source(self, default: CoolifyHost) -> None:
        """Without it nothing is shadowed, though the pin is lost; with it the UI decides."""
        default.deploy()
        passes(default, f"{VARIABLE} is not set in Coolify's UI (but default mode drops the pin file)")

        default.resource.variables.set(VARIABLE, SECRET)
        default.deploy()
        found = fails(
            default, "only-source", f"gets {VARIABLE} from Coolify's UI alone: default mode drops", "pin_in: ui"
        )
        assert "switch Raw Compose Deployment and Preserve Repository on" in found.hint

    @pytest.mark.parametrize("flags", [{"is_preview": True}, {"is_runtime": False}])
    def test_rows_for_previews_and_builds_do_not_count(
        self, default: CoolifyHost, api: FakeCoolify, flags: dict[str, bool]
    ) -> None:
        """Neither reaches production's containers, whoever is asked."""
        default.resource.variables.set(VARIABLE, SECRET, **flags)
        default.deploy()

        passes(default, "is not set in Coolify's UI")
        default.tell_api(api)
        found = passes(default, "is not set in Coolify's UI")
        assert found.evidence["looked_at"] == [".env of the last deployment", "Coolify's API"]

    def test_shared_variable(self, default: CoolifyHost, api: FakeCoolify) -> None:
        """A row that refers to a shared variable shadows as any other, and the reference is shown."""
        api.tokens[TOKEN] = SENSITIVE
        default.resource.variables.set(VARIABLE, "{{team.IMAGE}}")
        default.deploy()
        default.tell_api(api)

        fails(default, "only-source", f"gets {VARIABLE} ({{{{team.IMAGE}}}}) from Coolify's UI alone", "delete")


class TestSinceTheLastDeployment:
    """The API tells what comes next."""

    def test_added_since(self, stack: CoolifyHost, api: FakeCoolify) -> None:
        """A row that was added is found before it does harm."""
        stack.deploy()
        stack.tell_api(api)
        passes(stack)

        stack.resource.variables.set(VARIABLE, SECRET)
        stack.tell_api(api)
        found = fails(stack, "overridden", "reads .env last, with the next deployment", "Delete")
        assert found.evidence["when"] == "with-the-next-deployment"
        assert found.location is None

    def test_deleted_since(self, stack: CoolifyHost, api: FakeCoolify) -> None:
        """A row that was deleted has its effect until the next deployment, which mends it: a warning."""
        stack.resource.variables.set(VARIABLE, SECRET)
        stack.deploy()
        stack.resource.variables.remove(VARIABLE)
        stack.tell_api(api)

        found = only(stack)
        assert (found.status, found.code) == (Status.WARN, "removed-from-ui")
        context = stack.context()
        after = replace(context, options=replace(context.options, stage=Stage.AFTER))
        [found] = run_check(CoolifyUiShadowing(NoSettings()), after)
        assert (found.status, found.code) == (Status.FAIL, "removed-from-ui")
        assert "until the next deployment: it is gone from the UI" in found.message
        assert found.hint == "Deploy it in Coolify."

        stack.deploy()
        passes(stack)

    def test_mode_changed_since(self, raw: CoolifyHost, api: FakeCoolify) -> None:
        """A row that reaches nothing today is the only source once raw mode was switched off."""
        raw.resource.variables.set(VARIABLE, SECRET)
        raw.deploy()
        raw.tell_api(api)
        passes(raw, "reaches no container")

        api.applications[raw.resource.uuid]["settings"]["is_raw_compose_deployment_enabled"] = False
        fails(raw, "only-source", "drops the pin file, with the next deployment", "pin_in: ui")

    def test_never_deployed(self, default: CoolifyHost, api: FakeCoolify) -> None:
        """Before the first deployment there is nothing to judge; with the API there is what comes."""
        default.settings["application"] = default.resource.uuid
        default.deployed.mkdir(parents=True)
        found = only(default)
        assert found.status is Status.SKIP
        assert "never deployed here" in found.message

        default.tell_api(api)
        passes(default, "is not set in Coolify's UI")
        default.resource.variables.set(VARIABLE, SECRET)
        default.tell_api(api)
        fails(default, "only-source", "with the next deployment", "delete")


class TestPinInUi:
    """The rule turned round: the UI is where the pin comes from."""

    def test_equal(self, in_ui: CoolifyHost) -> None:
        """The UI says what the file says, as far as .env tells."""
        passes(in_ui, f"{VARIABLE} in Coolify's UI is what {PIN_NAME} says as of the last deployment")

    @pytest.mark.parametrize(
        ("value", "code", "words"),
        [
            (SECRET, "other-value", f"says something else for {VARIABLE} than {PIN_NAME}"),
            (OLD, "other-value", "says something else"),
            ("", "blank", f"has a blank {VARIABLE}"),
            (None, "blank", "has a blank"),
            ("{{team.IMAGE}}", "unresolved", "refers to a shared variable which Coolify does not know"),
        ],
    )
    def test_not_equal(self, in_ui: CoolifyHost, value: str | None, code: str, words: str) -> None:
        """Whatever else it says is wrong; neither value is shown."""
        in_ui.resource.variables.set(VARIABLE, value)
        in_ui.deploy()

        found = fails(in_ui, code, words, f"Set {VARIABLE} in Coolify's UI to what {PIN_NAME} says.")
        assert place(found).startswith(".env:")

    def test_absent(self, in_ui: CoolifyHost) -> None:
        """Without it the container gets nothing."""
        in_ui.resource.variables.remove(VARIABLE)
        in_ui.deploy()

        fails(in_ui, "absent", f"Coolify's UI has no {VARIABLE}", "Set")

    def test_shared_variable(self, in_ui: CoolifyHost, api: FakeCoolify) -> None:
        """A shared variable that holds the pin is as good as the pin."""
        api.tokens[TOKEN] = SENSITIVE
        api.shared["team"] = [variable("IMAGE", NEW)]
        in_ui.resource.variables.set(VARIABLE, "{{team.IMAGE}}")
        in_ui.resource.shared = {"team.IMAGE": NEW}
        in_ui.deploy()
        in_ui.tell_api(api)

        assert passes(in_ui, "is what").message.endswith(f"{PIN_NAME} says")
        api.shared["team"] = []
        fails(in_ui, "unresolved", "does not know, with the next deployment", "Set")

    def test_reads_quotes_and_references_as_compose_does(self, in_ui: CoolifyHost, api: FakeCoolify) -> None:
        """A literal value stands in quotes, another may name a variable: what arrives is compared."""
        api.tokens[TOKEN] = SENSITIVE
        in_ui.resource.variables.set(VARIABLE, NEW, is_literal=True)
        in_ui.deploy()
        passes(in_ui, "is what")

        name, _, digest = NEW.partition("@")
        in_ui.resource.variables.set("DIGEST", digest)
        in_ui.resource.variables.set(VARIABLE, f"{name}@${{DIGEST}}")
        in_ui.tell_api(api)
        found = passes(in_ui, "is what")
        assert "as of" not in found.message
        in_ui.resource.variables.set(VARIABLE, f"{name}@${{DIGEST")
        in_ui.tell_api(api)
        fails(in_ui, "malformed", f"has a {VARIABLE} whose ${{…}} is malformed", f"Set {VARIABLE} in Coolify's UI")

    def test_quotes_of_the_api(self, in_ui: CoolifyHost, api: FakeCoolify) -> None:
        """What the API calls the real value stands in the quotes of ``.env``; they are no part of it."""
        api.tokens[TOKEN] = SENSITIVE
        in_ui.tell_api(api)
        rows = api.variables[in_ui.resource.uuid]
        rows[:] = [variable(VARIABLE, "{{team.X}}", real_value=f"'{NEW}'", is_shared=True, is_literal=True)]
        passes(in_ui, "is what")

        rows[:] = [variable(VARIABLE, NEW, real_value=f"'{NEW}'", is_literal=True)]
        passes(in_ui, "is what")

    @pytest.mark.parametrize("token", [Token(), SENSITIVE])
    def test_changed_since(self, in_ui: CoolifyHost, api: FakeCoolify, token: Token) -> None:
        """A value that was changed is seen where the token may see it; else .env is what is known."""
        api.tokens[TOKEN] = token
        in_ui.resource.variables.set(VARIABLE, SECRET)
        in_ui.tell_api(api)

        if token is SENSITIVE:
            fails(in_ui, "other-value", "says something else", "Set")
        else:
            passes(in_ui, "as of the last deployment")

    def test_deleted_since(self, in_ui: CoolifyHost, api: FakeCoolify) -> None:
        """Keys suffice to see that it will be gone."""
        in_ui.resource.variables.remove(VARIABLE)
        in_ui.tell_api(api)

        found = fails(in_ui, "absent", f"has no {VARIABLE}, with the next deployment", "Set")
        assert found.location is None

    def test_corrected_since(self, in_ui: CoolifyHost, api: FakeCoolify) -> None:
        """A value that is right now but not deployed is a warning; one that may not be seen is an error."""
        in_ui.resource.variables.remove(VARIABLE)
        in_ui.deploy()
        in_ui.resource.variables.set(VARIABLE, NEW)
        in_ui.tell_api(api)

        found = only(in_ui)
        assert found.status is Status.ERROR
        assert "the token may not see its value" in found.message
        assert "read:sensitive" in found.hint

        api.tokens[TOKEN] = SENSITIVE
        found = only(in_ui)
        assert (found.status, found.code) == (Status.WARN, "not-deployed")
        assert "is right in Coolify's UI, but not deployed yet" in found.message

    def test_environment_overrides_it(self, in_ui: CoolifyHost) -> None:
        """What ``environment:`` writes out overrides the UI, unless it says the same."""
        in_ui.service(f"{TAKES}{NEW}\n")
        in_ui.deploy()
        passes(in_ui, "is what")

        in_ui.service(f"{TAKES}{OLD}\n")
        in_ui.deploy()
        fails(
            in_ui,
            "overridden-by-environment",
            f"does not decide on {VARIABLE}: environment:",
            f"Take {VARIABLE} out of environment:",
        )

    @pytest.mark.parametrize(
        ("value", "status"), [(f"${{{VARIABLE}}}", Status.PASS), ("", Status.PASS), ("${NO-x}", Status.FAIL)]
    )
    def test_environment_takes_it(self, in_ui: CoolifyHost, value: str, status: Status) -> None:
        """``environment:`` may take the variable from the UI."""
        in_ui.service(f"{TAKES}{value}\n")
        in_ui.deploy()

        assert only(in_ui).status is status

    def test_bare_name_in_a_list(self, in_ui: CoolifyHost, api: FakeCoolify) -> None:
        """For ``- X`` Coolify writes the UI's value of the day out; what comes next is what the UI says by then."""
        api.tokens[TOKEN] = SENSITIVE
        in_ui.service(f"    environment:\n      - {VARIABLE}\n")
        in_ui.resource.variables.set(VARIABLE, OLD)
        in_ui.deploy()
        fails(in_ui, "overridden-by-environment", "environment: gives the container something else", "Take")

        in_ui.resource.variables.set(VARIABLE, NEW)
        in_ui.tell_api(api)
        assert only(in_ui).code == "not-deployed"
        in_ui.deploy()
        passes(in_ui, "is what")

    def test_raw_mode_reaches_no_container(self, raw: CoolifyHost, api: FakeCoolify) -> None:
        """A row alone does nothing in raw mode; taken by ``environment:`` it does; switched off, it will."""
        raw.settings["pin_in"] = "ui"
        raw.resource.variables.set(VARIABLE, NEW)
        raw.deploy()
        fails(raw, "not-reaching", "does not reach the container", "switch Raw Compose Deployment off")

        raw.service(f"{TAKES}${{{VARIABLE}}}\n")
        raw.deploy()
        passes(raw, "is what")
        raw.service(f"{TAKES}{OLD}\n")
        raw.deploy()
        fails(raw, "overridden-by-environment", "does not decide", "Take")

        raw.service("")
        raw.deploy()
        raw.tell_api(api)
        api.tokens[TOKEN] = SENSITIVE
        api.applications[raw.resource.uuid]["settings"]["is_raw_compose_deployment_enabled"] = False
        assert only(raw).code == "not-deployed"
        api.tokens[TOKEN] = Token()
        assert only(raw).status is Status.ERROR

    def test_environment_takes_what_may_not_be_seen(self, raw: CoolifyHost, api: FakeCoolify) -> None:
        """An interpolation of hidden values is judged by the last deployment."""
        raw.settings["pin_in"] = "ui"
        name, _, digest = NEW.partition("@")
        raw.service(f"{TAKES}{name}@${{DIGEST}}\n")
        raw.resource.variables.set("DIGEST", digest)
        raw.deploy()
        raw.tell_api(api)

        passes(raw, "as of the last deployment")

    @pytest.mark.parametrize(
        ("text", "words"),
        [("", "no value"), (f"{VARIABLE}=\n", "no value"), (f"{VARIABLE}=${{X}}\n", "depends on")],
    )
    def test_nothing_to_compare_with(self, in_ui: CoolifyHost, text: str, words: str) -> None:
        """A pin file without a plain value cannot be compared with the UI."""
        in_ui.pin_file.write_text(text)

        found = only(in_ui)
        assert found.status is Status.ERROR
        assert words in found.message

    def test_checkout_that_cannot_be_read(self, in_ui: CoolifyHost, api: FakeCoolify) -> None:
        """Where the checkout's compose file is of no use, the deployed one is taken for the next as well."""
        api.tokens[TOKEN] = SENSITIVE
        in_ui.tell_api(api)
        passes(in_ui, "is what")
        in_ui.compose_file.write_text("services: [")

        passes(in_ui, "is what")

    def test_interpolation_that_compose_refuses(self, in_ui: CoolifyHost) -> None:
        """A required name that nothing sets gives the container nothing."""
        in_ui.service(f"{TAKES}${{NAME?}}\n")
        in_ui.deploy()
        in_ui.resource.variables.remove("NAME")
        in_ui.deployed.joinpath(".env").write_text(f"{VARIABLE}={NEW}")

        fails(in_ui, "overridden-by-environment", "does not decide", "Take")

    def test_no_env_file(self, in_ui: CoolifyHost) -> None:
        """Without ``.env`` and API nothing is known."""
        in_ui.deployed.joinpath(".env").unlink()

        assert only(in_ui).status is Status.ERROR

    def test_never_deployed(self, default: CoolifyHost, api: FakeCoolify) -> None:
        """What will be deployed first is judged by the API."""
        default.settings |= {"application": default.resource.uuid, "pin_in": "ui"}
        default.deployed.mkdir(parents=True)
        api.tokens[TOKEN] = SENSITIVE
        default.tell_api(api)
        fails(default, "absent", f"has no {VARIABLE}", "Set")

        default.resource.variables.set(VARIABLE, NEW)
        default.tell_api(api)
        passes(default, "is what")
        api.tokens[TOKEN] = Token()
        assert only(default).status is Status.ERROR


class TestAfterAPreview:
    """A preview's deployment writes its own values over the host's ``.env``."""

    def test_production_container_tells_in_default_mode(self, in_ui: CoolifyHost) -> None:
        """There a container was given the whole of ``.env``."""
        in_ui.resource.variables.set(VARIABLE, OLD, is_preview=True)
        in_ui.deploy(pull_request=7)

        found = passes(in_ui, "is what")
        assert found.evidence["looked_at"] == ["a production container"]
        assert found.evidence["env_holds_preview"] == "7"

    def test_no_evidence_about_production(self, default: CoolifyHost, api: FakeCoolify) -> None:
        """Without a production container and API, nobody knows; the API does."""
        default.settings["application"] = default.resource.uuid
        default.deploy()
        passes(default, "is not set")
        default.deploy(pull_request=7)
        default.engine.made = [each for each in default.engine.made if "-pr-" in each.name]

        found = only(default)
        assert found.status is Status.ERROR
        assert "holds the values of preview 7: no evidence about production" in found.message
        assert "Redeploy production" in found.hint

        default.tell_api(api)
        passes(default, "is not set")

    def test_raw_mode_needs_no_evidence_where_nothing_is_taken(self, raw: CoolifyHost) -> None:
        """What nothing takes cannot shadow; where something takes it, the preview's values prove nothing."""
        raw.deploy()
        raw.deploy(pull_request=7)
        passes(raw)

        raw.service(f"{TAKES}${{{VARIABLE}}}\n")
        raw.deploy()
        raw.deploy(pull_request=7)
        assert only(raw).status is Status.ERROR


class TestBadInput:
    """One clear line each."""

    def test_the_pin_file_is_a_folder(self, stack: CoolifyHost) -> None:
        """A service stack drops nothing: there is nothing to read."""
        stack.deploy()
        copy = stack.deployed / PIN_NAME
        copy.unlink()
        copy.mkdir()

        passes(stack, "is not set in Coolify's UI (but service stack does not find the pin file)")

    def test_env_file_is_a_folder(self, stack: CoolifyHost) -> None:
        """Seen in the wild; it can be removed."""
        stack.deploy()
        (stack.deployed / ".env").unlink()
        (stack.deployed / ".env").mkdir()

        found = only(stack)
        assert found.status is Status.ERROR
        assert "is a folder" in found.message
        assert "rmdir" in found.hint

    @pytest.mark.parametrize(
        ("text", "words"),
        [(f"A=1\n{VARIABLE[:9]}\n", ".env:2 has no `=`"), ("A='1\n", ".env:1: a quote (') is opened")],
    )
    def test_env_file_is_half_written(self, stack: CoolifyHost, text: str, words: str) -> None:
        """Coolify writes no such line."""
        stack.deploy()
        passes(stack)
        (stack.deployed / ".env").write_text(text)

        found = only(stack)
        assert found.status is Status.ERROR
        assert words in found.message

    def test_no_env_file(self, stack: CoolifyHost, api: FakeCoolify) -> None:
        """Without ``.env`` nothing is known; with the API what comes is known, and the absence is a warning."""
        stack.deploy()
        (stack.deployed / ".env").unlink()

        found = only(stack)
        assert found.status is Status.ERROR
        assert "there is no" in found.message
        assert "Redeploy" in found.hint

        stack.tell_api(api)
        right, odd = look(stack)
        assert (right.status, odd.status, odd.code) == (Status.PASS, Status.WARN, "env-unreadable")
        assert "there is no" in odd.message

    def test_two_lines_of_one_name(self, stack: CoolifyHost) -> None:
        """The last of two lines is told."""
        stack.deploy()
        with (stack.deployed / ".env").open("a") as file:
            file.write(f"\n{VARIABLE}=a\n{VARIABLE}=\n")

        assert place(fails(stack, "overridden", "(blank)", "Delete")) == ".env:3"

    def test_half_written_compose_file(self, stack: CoolifyHost) -> None:
        """It is named with its line."""
        stack.deploy()
        file = stack.deployed / "docker-compose.yml"
        file.write_text(file.read_text()[:40] + "\n  - {")

        found = only(stack)
        assert found.status is Status.ERROR
        assert "docker-compose.yml" in found.message


class TestApi:
    """What the API refuses is told; what ``.env`` tells is not lost with it."""

    def test_refusal(self, stack: CoolifyHost, api: FakeCoolify) -> None:
        """The token is refused: an error, beside what .env shows."""
        stack.deploy()
        stack.tell_api(api)
        passes(stack)

        api.enabled = False
        found = only(stack)
        assert found.status is Status.ERROR
        assert found.message == f"{SERVICE}: Coolify's API is switched off"
        assert "API Access" in found.hint

        stack.resource.variables.set(VARIABLE, SECRET)
        stack.deploy()
        shadow, problem = look(stack)
        assert (shadow.status, problem.status) == (Status.FAIL, Status.ERROR)

    def test_offline_asks_nobody(self, stack: CoolifyHost, api: FakeCoolify) -> None:
        """With --offline `.env` is what counts."""
        stack.deploy()
        stack.tell_api(api)
        api.always("/", saying(500, "no"))
        stack.offline = True

        passes(stack)
        assert api.requests == []

    def test_refusal_with_the_pin_in_the_ui(self, in_ui: CoolifyHost, api: FakeCoolify) -> None:
        """What .env proves wrong stays wrong; what it shows right may have changed."""
        in_ui.tell_api(api)
        api.always("/envs", answering(503))
        found = only(in_ui)
        assert found.status is Status.ERROR
        assert "is not available (503)" in found.message

        in_ui.resource.variables.set(VARIABLE, SECRET)
        in_ui.deploy()
        fails(in_ui, "other-value", "says something else", "Set")

    def test_nothing_that_matters_is_asked(self, raw: CoolifyHost, api: FakeCoolify) -> None:
        """Where no row could do anything, a refusal of the rows is no error."""
        raw.deploy()
        raw.tell_api(api)
        api.always("/envs", answering(503))

        passes(raw)
        raw.environ = {"COOLIFY_URL": api.url}
        raw.api = None
        passes(raw)

    def test_lying_content_type(self, stack: CoolifyHost, api: FakeCoolify) -> None:
        """An answer that is called something else is not believed."""
        stack.deploy()
        stack.tell_api(api)
        api.always("/envs", answering(200, b"[]", Content_Type="text/html"))

        assert "calls its answer text/html, not JSON" in only(stack).message

    def test_control_characters(self, stack: CoolifyHost, api: FakeCoolify) -> None:
        """A reference with control characters is shown without them."""
        api.tokens[TOKEN] = SENSITIVE
        stack.resource.variables.set(VARIABLE, "{{team.I\x1b[2JMAGE\u202e}}")
        stack.deploy()
        stack.tell_api(api)

        fails(stack, "overridden", "{{team.I [2JMAGE}}", "Delete")

    def test_token_file_open_to_others(self, stack: CoolifyHost, api: FakeCoolify) -> None:
        """It is used, with a warning; closed to others, without."""
        stack.deploy()
        stack.tell_api(api)
        file = stack.folder / "token"
        file.write_text(TOKEN)
        file.chmod(0o640)
        stack.api = None
        stack.environ = {"PREFLIGHT_COOLIFY_URL": api.url}
        stack.settings["token_file"] = file

        right, caution = look(stack)
        assert (right.status, caution.status, caution.code) == (Status.PASS, Status.WARN, "token-file-open")
        assert "is open to other users (mode 0640)" in caution.message

        file.chmod(0o600)
        passes(stack)


def test_no_coolify_here(stack: CoolifyHost) -> None:
    """Where there is no Coolify the check skips, and says what was looked for."""
    found = only(stack)

    assert found.status is Status.SKIP
    assert "no Coolify here" in found.message


def test_each_pin_is_judged(stack: CoolifyHost) -> None:
    """A pin that cannot be judged costs no other's verdict."""
    stack.resource.variables.set(VARIABLE, SECRET)
    stack.deploy()

    first, second = look(stack, Pin("OTHER", "nothing-of-coolifys", stack.pin_file))

    assert (first.status, second.status) == (Status.FAIL, Status.SKIP)
