"""What `preflight explain` knows besides the checks."""

from preflight.lib.records import frozen

TOPICS = {"hook": "preflight.hook.topic:HOOK"}
"""Name to the place of its text, which is loaded when asked for."""


@frozen
class Topic:
    """One topic.

    Args:
        name: What it is asked for by.
        title: In one line.
        text: Headings ("## …") and paragraphs, with an empty line after each; a line that begins with white space is
            shown as it is.
    """

    name: str
    title: str
    text: str


def topic(name: str) -> Topic | None:
    """Return a topic, or None for a name there is none of."""
    from importlib import import_module

    place = TOPICS.get(name)
    if place is None:
        return None
    module, _, attribute = place.partition(":")
    found = getattr(import_module(module), attribute)
    if not isinstance(found, Topic):
        raise TypeError(f"{place} is no topic")
    return found
