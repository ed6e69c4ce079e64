"""``preflight completion SHELL``: the script with which the Tab key completes commands, options, ids and codes."""

import click

from preflight.errors import ExitCode

_SHELLS = ("bash", "zsh", "fish")
_PLACES = """\
\b
Where it goes:
  bash: preflight completion bash > ~/.local/share/bash-completion/completions/preflight
  zsh:  preflight completion zsh > ~/.zfunc/_preflight, with fpath+=~/.zfunc before compinit
  fish: preflight completion fish > ~/.config/fish/completions/preflight.fish
"""


@click.command("completion", epilog=_PLACES)
@click.argument("shell", type=click.Choice(_SHELLS))
def completion_script(shell: str) -> int:
    """Print the completion script for bash, zsh or fish.

    It completes commands, options, ids, codes, tags and files with the Tab key.
    """
    from click.shell_completion import get_completion_class

    root = click.get_current_context().find_root().command
    made = get_completion_class(shell)
    if made is None:
        raise click.UsageError(f"click completes nothing in {shell}.")
    script = made(root, {}, "preflight", "_PREFLIGHT_COMPLETE").source()
    # click's script for fish cuts a help text at its first comma
    click.echo(script.replace('string split ","', 'string split --max 1 ","'))
    return ExitCode.OK
