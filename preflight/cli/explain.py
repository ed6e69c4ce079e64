"""``preflight explain ID[/CODE]``: what a check asks, why, how it can fail and what to do; or a topic."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from preflight.cli.completion import complete_topic
from preflight.cli.debug import debug_option, echo_broken
from preflight.cli.options import checks_dir_option, config_option
from preflight.errors import ConfigurationError, ExitCode
from preflight.model import About, Failure

if TYPE_CHECKING:
    from preflight.run.explanation import Setting
    from preflight.run.topics import Topic


@click.command()
@click.argument("check_id", metavar="ID[/CODE]", shell_complete=complete_topic)
@config_option
@checks_dir_option
@debug_option
def explain(check_id: str, checks_dir: tuple[str, ...], **options: Any) -> int:
    """Explain a check, one of its failures (ID/CODE), or a topic.

    What it asks, why it matters, its settings, and for each failure: what is wrong, what to do, and how serious it is
    before and after a rollout.
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
    check_id, _, code = check_id.partition("/")
    discovered = discover([Path(folder) for folder in checks_dir], lambda each: each == check_id)
    abouts = {check.about.id: (check.about, check.settings_type) for check in discovered.checks}
    abouts[SETUP.id] = (SETUP, NoSettings)
    if check_id not in abouts:
        refuse_unknown_checks(discovered, "", [check_id], more=(SETUP.id, *TOPICS))
        echo_broken(discovered.broken, debug=options["debug"])
        return ExitCode.COULD_NOT_LOOK
    about, settings_type = abouts[check_id]
    columns = min(width(), 100)
    click.echo(_failure_text(about, code, columns) if code else _text(about, settings_type, columns))
    return ExitCode.OK


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

    from preflight.run.explanation import manual_page, needs, settings_of

    parts = [
        f"{about.id}: {about.title}",
        f"tags: {', '.join(sorted(about.tags))}; needs: {needs(about)}",
        "What it asks\n" + indent(about.asks, "  "),
        "Why it matters\n" + indent(about.why, "  "),
        "What it can find, and what to do\n" + "\n".join(_failure_lines(each, columns) for each in about.failures),
    ]
    if settings := [_setting(each) for each in settings_of(settings_type)]:
        parts.append(
            f"Settings, under checks: {{{about.id}: …}}\n" + "\n".join(indent(line, "  ") for line in settings)
        )
    parts.append(f"Manual: {manual_page(about.id)}")
    return "\n\n".join(parts)


def _setting(each: "Setting") -> str:
    allowed = f", one of {', '.join(each.values)}" if each.values else ""
    return f"{each.name} ({each.kind}{allowed}; default {each.default}): {each.meaning}"


def _failure_lines(failure: Failure, columns: int) -> str:
    from preflight.run.explanation import severity

    head = f"  {failure.code} ({severity(failure)})"
    return "\n".join(
        (head, _indented(failure.says, "      ", columns), _indented(f"-> {failure.fix}", "      ", columns))
    )


def _failure_text(about: About, code: str, columns: int) -> str:
    """Return the text of one failure.

    Raises:
        ConfigurationError: The check has no such failure.
    """
    from preflight.failures import COMMON
    from preflight.lib.nearest import nearest
    from preflight.run.explanation import acceptance, manual_page, severity

    codes = {**about.codes, **{each.code: each for each in COMMON}}
    failure = codes.get(code)
    if failure is None:
        raise ConfigurationError(
            f"{about.id} has no failure {code}{nearest(code, codes)}", f"Failures: {', '.join(about.codes)}."
        )
    return "\n\n".join(
        (
            f"{about.id}/{code}: {severity(failure)}",
            _indented(failure.says, "  ", columns),
            "What to do\n" + _indented(failure.fix, "  ", columns),
            _indented(acceptance(about.id, failure), "  ", columns),
            f"Manual: {manual_page(about.id, code if code in about.codes else '')}",
        )
    )
