"""checks/coolify_ui_shadowing.py: a variable of Coolify's UI that overrides the pin file."""

import pytest

from preflight.model import Status
from tests.checks.coolify_ui_shadowing.look import SECRET, SENSITIVE, TAKES, fails, only, passes, place
from tests.fakes.coolify_api import TOKEN, FakeCoolify
from tests.fakes.coolify_server import NEW, PIN_NAME, SERVICE, VARIABLE, CoolifyHost


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
