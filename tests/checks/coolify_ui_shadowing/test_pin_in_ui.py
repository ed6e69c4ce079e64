"""checks/coolify_ui_shadowing.py: the pin comes from Coolify's UI."""

import pytest

from preflight.model import Status
from tests.checks.coolify_ui_shadowing.look import SECRET, SENSITIVE, TAKES, fails, only, passes, place
from tests.fakes.coolify_api import TOKEN, FakeCoolify, Token, variable
from tests.fakes.coolify_server import NEW, OLD, PIN_NAME, VARIABLE, CoolifyHost


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
