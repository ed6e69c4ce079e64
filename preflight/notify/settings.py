"""The targets that a configuration names under ``notify:``."""

from collections.abc import Callable, Mapping, Sequence

from preflight.errors import ConfigurationError
from preflight.lib.regex import regex
from preflight.notify.any_service import AnyService
from preflight.notify.mail import Mail
from preflight.notify.ping import Ping
from preflight.notify.secret import Secret
from preflight.notify.target import Channel, On, Target
from preflight.notify.webhook import Webhook
from preflight.run.config.mistakes import Mistakes
from preflight.run.config.shape import Shape, problem

_COMMON = ("type", "name", "on", "timeout")
_LONGEST_S, _MOST_ATTEMPTS, _MOST_TARGETS = 60.0, 10, 20
_NAME = regex(r"[a-z0-9][a-z0-9_-]{0,39}")
_ADDRESS = regex(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~][A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{0,63}@[A-Za-z0-9][A-Za-z0-9.-]{0,252}")
_VARIABLE = regex(r"[A-Za-z_][A-Za-z0-9_]{0,199}")

Entries = Mapping[str, Shape]


def read_targets(items: Sequence[Shape]) -> tuple[Target, ...]:
    """Return the targets, in the order in which they stand there.

    Args:
        items: The entries of ``notify:``.

    Raises:
        ConfigurationError: Names all mistakes, each with its line.
    """
    mistakes = Mistakes()
    if len(items) > _MOST_TARGETS:
        mistakes.note(items[0].wrong(f"one of at most {_MOST_TARGETS} targets"))
    found: dict[str, Target] = {}
    for item in items[:_MOST_TARGETS]:
        target = mistakes.read(_target, item)
        if target is None:
            continue
        if target.name in found:
            what = f"a second target is called {target.name}"
            mistakes.note(problem(item.path, item.located.line, what, "Give each a name of its own: name: NAME."))
        found[target.name] = target
    mistakes.raise_all()
    return tuple(found.values())


def _target(item: Shape) -> Target:
    kind = _choice(item.mapping().get("type"), tuple(_KINDS), item)
    keys, default_on, read = _KINDS[kind]
    entries = item.mapping((*_COMMON, *keys))
    name = entries["name"].text() if "name" in entries else kind
    if not _NAME.fullmatch(name):
        raise entries["name"].wrong("lower-case letters, digits, '-' and '_'")
    on = On(_choice(entries["on"], tuple(On), item)) if "on" in entries else default_on
    timeout = entries["timeout"].duration() if "timeout" in entries else 10.0
    if not 0 < timeout <= _LONGEST_S:
        raise entries["timeout"].wrong(f"more than 0 and at most {_LONGEST_S:.0f}s")
    return Target(name, kind, on, read(item, entries), timeout)


def _ping(item: Shape, entries: Entries) -> Channel:
    start = entries["start"].boolean() if "start" in entries else True
    return Ping(_secret(item, entries, "url"), start, _flag(entries, "plain_http"), _attempts(entries))


def _webhook(item: Shape, entries: Entries) -> Channel:
    key = _secret(item, entries, "hmac_key") if _given(entries, "hmac_key") else None
    return Webhook(_secret(item, entries, "url", plain=True), key, _flag(entries, "plain_http"), _attempts(entries))


def _mail(item: Shape, entries: Entries) -> Channel:
    if "to" not in entries:
        raise problem(item.path, item.located.line, f"{item.name} lacks the key to")
    to = tuple(_mail_address(each) for each in entries["to"].items())
    if not to:
        raise entries["to"].wrong("a list of mail addresses")
    sender = _mail_address(entries["from"]) if "from" in entries else ""
    program = entries["sendmail"].file(item.path.parent.absolute()) if "sendmail" in entries else None
    return Mail(to, sender, program)


def _any_service(item: Shape, entries: Entries) -> Channel:
    return AnyService(_secret(item, entries, "url"), _attempts(entries))


_KINDS: Mapping[str, tuple[tuple[str, ...], On, Callable[[Shape, Entries], Channel]]] = {
    "healthchecks": (("url_file", "url_env", "start", "plain_http", "attempts"), On.ALWAYS, _ping),
    "webhook": (
        ("url", "url_file", "url_env", "hmac_key_file", "hmac_key_env", "plain_http", "attempts"),
        On.CHANGE,
        _webhook,
    ),
    "mail": (("to", "from", "sendmail"), On.CHANGE, _mail),
    "apprise": (("url_file", "url_env", "attempts"), On.CHANGE, _any_service),
}
"""The keys of each type, when it is told by default, and what reads it."""


def _choice(shape: Shape | None, valid: Sequence[str], item: Shape) -> str:
    if shape is None:
        raise problem(item.path, item.located.line, f"{item.name} lacks the key type", f"Types: {', '.join(valid)}.")
    text = shape.text()
    if text not in valid:
        raise shape.wrong(f"one of {', '.join(valid)}")
    return text


def _given(entries: Entries, what: str) -> list[str]:
    return [name for name in (what, f"{what}_file", f"{what}_env") if name in entries]


def _secret(item: Shape, entries: Entries, what: str, *, plain: bool = False) -> Secret:
    """Return where a secret is: in exactly one of ``what``, ``what_file`` and ``what_env``."""
    keys = [*([what] if plain else []), f"{what}_file", f"{what}_env"]
    given = _given(entries, what)
    if len(given) != 1:
        raise problem(item.path, item.located.line, f"{item.name} must have one of {', '.join(keys)}")
    [name] = given
    shape = entries[name]
    if name == f"{what}_file":
        return Secret(name, file=shape.file(item.path.parent.absolute()))
    if name == f"{what}_env":
        if not _VARIABLE.fullmatch(shape.text()):
            raise shape.wrong("the name of a variable of the environment")
        return Secret(name, variable=shape.text())
    return Secret(name, text=_without_secret(shape))


def _without_secret(shape: Shape) -> str:
    """Return an address as the configuration says it: one that may stand there."""
    text = shape.text()
    if "@" in text or "?" in text:
        raise ConfigurationError(
            f"{shape.path}:{shape.located.line}: {shape.name} may hold a secret: it has a user, or a query",
            f"Put it into a file and name that: {shape.name.rpartition('.')[2]}_file.",
        )
    return text


def _mail_address(shape: Shape) -> str:
    text = shape.text()
    if not _ADDRESS.fullmatch(text):
        raise shape.wrong("a mail address such as ops@example.com")
    return text


def _flag(entries: Entries, name: str) -> bool:
    return entries[name].boolean() if name in entries else False


def _attempts(entries: Entries) -> int:
    if "attempts" not in entries:
        return 3
    attempts = entries["attempts"].whole_number()
    if not 1 <= attempts <= _MOST_ATTEMPTS:
        raise entries["attempts"].wrong(f"a number from 1 to {_MOST_ATTEMPTS}")
    return attempts
