"""``preflight explain ID``: what a check asks, why, how it can fail, and how to mend each failure; or a topic."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from preflight.cli.completion import complete_topic
from preflight.cli.debug import debug_option, echo_broken
from preflight.cli.options import checks_dir_option, config_option
from preflight.errors import ExitCode
from preflight.model import About, Failure

if TYPE_CHECKING:
    from preflight.run.topics import Topic


@click.command()
@click.argument("check_id", metavar="ID", shell_complete=complete_topic)
@config_option
@checks_dir_option
@debug_option
def explain(check_id: str, checks_dir: tuple[str, ...], **options: Any) -> int:
    """Explain one check, or a topic (hook).

    What it asks, why it matters, how it can fail and how to mend each failure.
    """
    from preflight.check import NoSettings
    from preflight.cli.terminal import width
    from preflight.run.discovery import discover
    from preflight.run.selection import refuse_unknown_checks
    from preflight.run.setup import SETUP
    from preflight.run.topics import TOPICS, topic

    if found := topic(check_id):
        click.echo(_topic_text(found, min(width(), 100)))
        return ExitCode.OK
    if check_id == SETUP.id:
        click.echo(_text(SETUP, NoSettings, min(width(), 100)))
        return ExitCode.OK
    discovered = discover([Path(folder) for folder in checks_dir], lambda each: each == check_id)
    refuse_unknown_checks(discovered, "", [check_id], more=(SETUP.id, *TOPICS))
    echo_broken(discovered.broken, debug=options["debug"])
    for check in discovered.checks:
        if check.about.id == check_id:
            click.echo(_text(check.about, check.settings_type, min(width(), 100)))
            return ExitCode.OK
    return ExitCode.COULD_NOT_LOOK


def _topic_text(found: "Topic", columns: int) -> str:
    parts = [found.title]
    for block in found.text.strip("\n").split("\n\n"):
        if block.startswith("## "):
            parts.append(f"\n{block.removeprefix('## ')}")
        elif block.startswith(" "):
            parts.append("\n".join(f"  {line}" for line in block.split("\n")))
        else:
            parts.append(_indented(" ".join(block.split()), "  ", columns))
    return "\n".join(parts)


def _indented(text: str, by: str, columns: int) -> str:
    from textwrap import TextWrapper

    wrapper = TextWrapper(columns, initial_indent=by, subsequent_indent=by, break_on_hyphens=False)
    wrapper.break_long_words = False  # a command must stay whole to be copied
    return wrapper.fill(text)


def _text(about: About, settings_type: type[Any], columns: int) -> str:
    def indent(text: str, by: str) -> str:
        return _indented(text, by, columns)

    needs = ", ".join(sorted(need.value for need in about.needs)) or "nothing"
    parts = [
        f"{about.id}: {about.title}",
        f"tags: {', '.join(sorted(about.tags))}; needs: {needs}",
        "What it asks\n" + indent(about.asks, "  "),
        "Why it matters\n" + indent(about.why, "  "),
        "How it can fail, and what to do\n"
        + "\n".join(f"{indent('- ' + what, '  ')}\n{indent(mend, '      ')}" for what, mend in _failures(about)),
    ]
    if settings := _settings(settings_type):
        parts.append(
            f"Settings, under checks: {{{about.id}: …}}\n" + "\n".join(indent(line, "  ") for line in settings)
        )
    return "\n\n".join(parts)


def _failures(about: About) -> list[tuple[str, str]]:
    return [(each.says, each.fix) if isinstance(each, Failure) else each for each in about.failures]


def _settings(settings_type: type[Any]) -> list[str]:
    from dataclasses import fields

    return [f"{item.name} (default {item.default!r})" for item in fields(settings_type)]
