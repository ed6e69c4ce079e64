"""Completion in the shell. It imports no check of others: nobody expects the Tab key to run their code.

Codes and tags stand in the checks themselves, so those of this package are imported for them.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from preflight.model import About


def complete_check(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the ids of checks that begin with what is typed; those of ``--checks-dir`` as its files are named."""
    return _beginning(incomplete, _ids(ctx))


def complete_topic(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return what can be explained and begins with what is typed."""
    from preflight.run.setup import SETUP
    from preflight.run.topics import TOPICS

    if "/" in incomplete:
        return complete_failure(ctx, parameter, incomplete)
    return _beginning(incomplete, (*_ids(ctx), SETUP.id, *TOPICS))


def complete_failure(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return ``ID/CODE`` of the failures that begin with what is typed.

    Where several checks could be meant, these are their ids with a slash behind. A single one would end the word: the
    shell adds a space to it. So the codes of that check follow at once.
    """
    from preflight.run.setup import SETUP

    check_id, slash, _ = incomplete.partition("/")
    if not slash and len(found := _beginning(incomplete, _ids(ctx))) != 1:
        return [f"{each}/" for each in found]
    if not slash:
        check_id = found[0]
    abouts = (SETUP,) if check_id == SETUP.id else _own(check_id)
    return _beginning(incomplete, (f"{about.id}/{code}" for about in abouts for code in about.codes))


def complete_tag(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the tags of this package's checks that begin with what is typed."""
    return _beginning(incomplete, sorted({tag for about in _own("") for tag in about.tags}))


def _ids(ctx: click.Context) -> tuple[str, ...]:
    from preflight.run.discovery import known_ids

    return known_ids([Path(folder) for folder in ctx.params.get("checks_dir") or ()])


def _own(check_id: str) -> "Iterable[About]":
    """Return what this package's checks say of themselves: of one, or of all for an empty id."""
    from preflight.run.discovery import discover_own

    return [check.about for check in discover_own(lambda each: check_id in ("", each)).checks]


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
