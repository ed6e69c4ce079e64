"""Completion of ids in the shell. It imports no check: nobody expects the Tab key to run code."""

from collections.abc import Iterable
from pathlib import Path

import click


def complete_check(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the ids of checks that begin with what is typed; those of ``--checks-dir`` as its files are named."""
    from preflight.run.discovery import known_ids

    return _beginning(incomplete, known_ids([Path(folder) for folder in ctx.params.get("checks_dir") or ()]))


def complete_topic(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return what can be explained and begins with what is typed."""
    from preflight.run.setup import SETUP
    from preflight.run.topics import TOPICS

    return [*complete_check(ctx, parameter, incomplete), *_beginning(incomplete, (SETUP.id, *TOPICS))]


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
