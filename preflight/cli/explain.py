"""``preflight explain ID``: what a check asks, why, how it can fail, and how to mend each failure."""

from pathlib import Path
from typing import Any

import click

from preflight.cli.options import checks_dir_option, config_option
from preflight.errors import ConfigurationError, ExitCode
from preflight.model import About


@click.command()
@click.argument("check_id", metavar="ID")
@config_option
@checks_dir_option
def explain(check_id: str, checks_dir: tuple[str, ...], **_options: Any) -> int:
    """Explain one check.

    What it asks, why it matters, how it can fail and how to mend each failure.
    """
    from preflight.check import NoSettings
    from preflight.cli.terminal import width
    from preflight.discovery import discover
    from preflight.nearest import nearest
    from preflight.session import SETUP

    checks = discover([Path(folder) for folder in checks_dir]).checks
    abouts = {check.about.id: (check.about, check.settings_type) for check in checks}
    abouts[SETUP.id] = (SETUP, NoSettings)
    if check_id not in abouts:
        raise ConfigurationError(f"no such check: {check_id}{nearest(check_id, abouts)}", "See `preflight list`.")
    about, settings_type = abouts[check_id]
    click.echo(_text(about, settings_type, min(width(), 100)))
    return ExitCode.OK


def _text(about: About, settings_type: type[Any], columns: int) -> str:
    from textwrap import TextWrapper

    def indent(text: str, by: str) -> str:
        wrapper = TextWrapper(columns, initial_indent=by, subsequent_indent=by, break_on_hyphens=False)
        wrapper.break_long_words = False  # a command must stay whole to be copied
        return wrapper.fill(text)

    needs = ", ".join(sorted(need.value for need in about.needs)) or "nothing"
    parts = [
        f"{about.id}: {about.title}",
        f"tags: {', '.join(sorted(about.tags))}; needs: {needs}",
        "What it asks\n" + indent(about.asks, "  "),
        "Why it matters\n" + indent(about.why, "  "),
        "How it can fail, and what to do\n"
        + "\n".join(f"{indent('- ' + what, '  ')}\n{indent(mend, '      ')}" for what, mend in about.failures),
    ]
    if settings := _settings(settings_type):
        parts.append(
            f"Settings, under checks: {{{about.id}: …}}\n" + "\n".join(indent(line, "  ") for line in settings)
        )
    return "\n\n".join(parts)


def _settings(settings_type: type[Any]) -> list[str]:
    from dataclasses import fields

    return [f"{item.name} (default {item.default!r})" for item in fields(settings_type)]
