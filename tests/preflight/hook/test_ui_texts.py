"""preflight/hook/ui_texts.py."""

from preflight.hook.application_fields import ApplicationFields
from preflight.hook.second_gate import LONGEST_COMMAND, custom_build_command, gate_script
from preflight.hook.ui_texts import instructions, post_deployment_command, pre_deployment_command

# A UUID of Coolify's has 24 characters.
PLACE = ApplicationFields(
    "lc0okw8kgw4wkkg4s0g8ock8", "https://github.com/ls1intum/Hephaestus", "main", "/docker", "/compose.app.yaml"
)


def test_the_hooks_command_is_one_plain_line() -> None:
    """No line break, no comment: Coolify makes blanks of the first, and the second would eat the rest."""
    line = pre_deployment_command(PLACE)
    assert line == (
        "preflight hook --repository https://github.com/ls1intum/Hephaestus --application lc0okw8kgw4wkkg4s0g8ock8 "
        "--branch main --base-directory /docker --compose-location /compose.app.yaml"
    )
    assert "#" not in line


def test_the_command_after_a_deployment_looks_where_coolify_deployed_from() -> None:
    """It waits until the containers are there, and asks nothing of git, which is not there."""
    line = post_deployment_command(PLACE)
    assert line == (
        "preflight -C /data/coolify/applications/lc0okw8kgw4wkkg4s0g8ock8 run --stage after --wait 120 --tag runtime"
    )


def test_each_text_fits_its_column() -> None:
    """Coolify's form takes more than its database, which then refuses or cuts it.

    The pre-deployment command stands in a TEXT column (coolify#2267); the others are held to the 255 characters that
    Laravel gives a string.
    """
    texts = (
        custom_build_command(PLACE),
        post_deployment_command(PLACE),
        PLACE.base_directory,
        PLACE.compose_location,
        "preflight",
    )
    printed = instructions(PLACE)
    for text in texts:
        assert text in printed
        assert len(text) <= LONGEST_COMMAND


def test_the_instructions_hold_every_text_whole() -> None:
    """Nothing is wrapped: it is there to be copied."""
    lines = [line.strip() for line in instructions(PLACE).splitlines()]
    assert custom_build_command(PLACE) in lines
    assert any(line.endswith(pre_deployment_command(PLACE)) for line in lines)
    assert any(line.endswith(post_deployment_command(PLACE)) for line in lines)
    assert sum(line.startswith("Container name") and line.endswith("preflight") for line in lines) == 2
    assert "receipts: /var/lib/preflight/lc0okw8kgw4wkkg4s0g8ock8/receipts" in instructions(PLACE)


def test_the_script_is_written_by_lines_that_can_be_pasted() -> None:
    """Whole, into the base directory, with nothing expanded by the shell."""
    printed = instructions(PLACE)
    assert f"\ncat > docker/preflight-gate.sh <<'PREFLIGHT'\n{gate_script(PLACE)}PREFLIGHT\n" in printed
