"""checks/coolify_ui_shadowing.py: what the host and the API tell, and what they do not."""

from dataclasses import replace

import pytest

from checks.coolify_ui_shadowing import CoolifyUiShadowing
from preflight.check import NoSettings
from preflight.model import Stage, Status
from preflight.project import Pin
from preflight.testing import run_check
from tests.checks.coolify_ui_shadowing.look import SECRET, SENSITIVE, TAKES, fails, look, only, passes, place
from tests.fakes.coolify_api import TOKEN, FakeCoolify, saying
from tests.fakes.coolify_server import OLD, PIN_NAME, SERVICE, VARIABLE, CoolifyHost
from tests.fakes.http_server import answering


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
