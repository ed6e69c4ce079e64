"""preflight/notify/settings.py"""

from pathlib import Path

import pytest

from preflight.errors import ConfigurationError
from preflight.notify.any_service import AnyService
from preflight.notify.mail import Mail
from preflight.notify.ping import Ping
from preflight.notify.secret import Secret
from preflight.notify.settings import read_targets
from preflight.notify.target import On, Target
from preflight.notify.webhook import Webhook
from preflight.run.config import read_config

ALL = """\
notify:
  - {type: healthchecks, url_file: ping-url}
  - type: webhook
    name: ops
    url: https://example.com/hook
    hmac_key_env: OPS_KEY
    on: always
    timeout: 20s
    attempts: 1
  - {type: mail, to: [ops@example.com, b.c+d@example.org], from: preflight@example.com, sendmail: bin/sendmail}
  - {type: apprise, url_env: CHAT, "on": heartbeat}
"""


def targets(folder: Path, text: str) -> tuple[Target, ...]:
    """Return what a configuration that the operator named says."""
    (folder / "c.yaml").write_text(text)
    return read_targets(read_config(folder / "c.yaml", trusted=True).notify)


def test_all_that_can_be_said(tmp_path: Path) -> None:
    """Paths are relative to the file; ``on`` is a key, though YAML 1.1 reads it as true."""
    ping, ops, mail, chat = targets(tmp_path, ALL)

    assert ping == Target(
        "healthchecks", "healthchecks", On.ALWAYS, Ping(Secret("url_file", file=tmp_path / "ping-url"))
    )
    hook = Webhook(
        Secret("url", text="https://example.com/hook"), Secret("hmac_key_env", variable="OPS_KEY"), attempts=1
    )
    assert ops == Target("ops", "webhook", On.ALWAYS, hook, 20.0)
    to = ("ops@example.com", "b.c+d@example.org")
    assert mail.channel == Mail(to, "preflight@example.com", tmp_path / "bin" / "sendmail")
    assert mail.on is On.CHANGE
    assert chat == Target("apprise", "apprise", On.HEARTBEAT, AnyService(Secret("url_env", variable="CHAT")))


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{}", "lacks the key type"),
        ("{type: pigeon}", "must be one of healthchecks, webhook, mail, apprise"),
        ("{type: healthchecks}", "must have one of url_file, url_env"),
        ("{type: healthchecks, url: https://hc/1}", "unknown key url"),
        ("{type: webhook}", "must have one of url, url_file, url_env"),
        ("{type: webhook, url: https://a/b, url_env: X}", "must have one of url, url_file, url_env"),
        ("{type: webhook, url: 'https://u:p4ss@a/b'}", "may hold a secret"),
        ("{type: webhook, url: 'https://a/b?token=p4ss'}", "may hold a secret"),
        ("{type: webhook, url_env: 'A B'}", "must be the name of a variable"),
        ("{type: mail}", "lacks the key to"),
        ("{type: mail, to: [a@b.c], attempts: 2}", "unknown key attempts"),
        ("{type: mail, to: []}", "must be a list of mail addresses"),
        ("{type: mail, to: ops@example.com}", "must be a list"),
        ("{type: mail, to: ['-OQueueDirectory=/tmp@x']}", "must be a mail address"),
        ('{type: mail, to: ["a@b\\nBcc: c@d"]}', "must be a mail address"),
        ("{type: apprise, url_env: X, on: sometimes}", "must be one of change, always, heartbeat"),
        ("{type: apprise, url_env: X, timeout: 2h}", "must be more than 0 and at most 60s"),
        ("{type: apprise, url_env: X, timeout: soon}", "30s, 5m"),
        ("{type: apprise, url_env: X, attempts: 0}", "must be a number from 1 to 10"),
        ("{type: apprise, url_env: X, name: 'A b'}", "must be lower-case letters"),
    ],
)
def test_mistakes_are_named_with_their_line(tmp_path: Path, entry: str, said: str) -> None:
    """And without the secret that may be in them."""
    with pytest.raises(ConfigurationError) as refused:
        targets(tmp_path, f"notify:\n  - {entry}\n")

    assert "c.yaml:2: " in refused.value.message
    assert said in refused.value.message + refused.value.hint
    assert "p4ss" not in refused.value.message + refused.value.hint


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    """Also two targets of the same name: what waits for one would go to the other."""
    with pytest.raises(ConfigurationError) as refused:
        targets(tmp_path, "notify: [{type: apprise, url_env: X}, {type: mail}, {type: apprise, url_env: Y}, {type: x}]")

    said = [each.message for each in refused.value.all]
    assert len(said) == 3
    assert "a second target is called apprise" in "".join(said)


def test_a_configuration_that_was_found_tells_nobody(tmp_path: Path) -> None:
    """A checkout must not choose where reports go."""
    (tmp_path / "preflight.yaml").write_text(ALL)

    with pytest.raises(ConfigurationError, match=r"preflight\.yaml:2: .*merely found may not say whom") as refused:
        read_config(tmp_path / "preflight.yaml", trusted=False)

    assert refused.value.hint == "Name the file with --config."


def test_no_more_than_twenty(tmp_path: Path) -> None:
    """Each costs a thread."""
    entry = "{type: apprise, url_env: X}"
    with pytest.raises(ConfigurationError, match="at most 20 targets"):
        targets(tmp_path, f"notify: [{', '.join([entry] * 21)}]")
