"""preflight/fleet/play.py"""

from pathlib import Path

import yaml

from preflight.fleet.play import ASK_TASK, play


class Loader(yaml.SafeLoader):
    """Knows the tag by which Ansible takes a text as it is."""


def unsafe(loader: Loader, node: yaml.ScalarNode) -> tuple[str, object]:
    """Return the text and what was said of it."""
    return "unsafe", loader.construct_scalar(node)


Loader.add_constructor("!unsafe", unsafe)


def test_no_option_is_a_template() -> None:
    """What stands behind -- reaches the host as it was typed."""
    words = ["--only", '{{ lookup("env", "HOME") }}', "'a' # b", "$(id)\n`id`"]
    text = play(words, 90, Path("/srv/{{ x }}"))
    task = Loader(text).get_single_data()[0]["tasks"][1]

    assert task["name"] == ASK_TASK
    assert task["vars"]["preflight_fleet_options"] == [("unsafe", word) for word in ("run", *words, "--format", "json")]
    assert task["vars"]["preflight_fleet_here"] == ("unsafe", "/srv/{{ x }}")
    assert task["timeout"] == 100
    assert task["ansible.builtin.command"]["argv"].startswith("{{ ['timeout', '-k', '2', '90'] + ")
