"""preflight/coolify/judge/volume_paths.py: the stand-in for Coolify refuses the same paths."""

from pathlib import Path

import pytest
import yaml

from preflight.coolify.judge.parser_refusals import find_refusals
from preflight.coolify.judge.refusal import RefusalKind
from preflight.coolify.resource import Situation
from tests.real.coolify import Application, DeploymentFailed, rewrite

TEXTS = (
    *("./a:/x", "v:/x:ro", "a:/x", "/x", "C:\\a:/x", "C:/a:/x:ro", "./a:/x:ro,Z", "~/.ssh:/x", "./a b:/x", "$D:/x"),
    *("${D}:/x", "${D}/sub:/x", "${D:-./d}:/x", "${D:-v}:/x:ro", "${D:-./d}/sub:/x", "${D:-}:/x", "${D:-a;b}:/x"),
    *("./${D}:/x", "/data/${D:-x}:/x", "${D-x}:/x", "${D:?e}:/x", "$${D}:/x", "v_${D}:/x", "${D:-v}:/x:y:z"),
    *("./a:${T}", "./a:/x/${T}", "./a:/x:${M:-ro}", "./a&b:/x", "./a;b:/x", "./`a`:/x", "./$(pwd):/x", "./a>b:/x"),
)
"""Volumes as text; those that the real parser of 4.3.11 refused are among them."""


def fails(volume: object, situation: Situation) -> bool:
    """Whether the stand-in refuses a volume."""
    text = yaml.safe_dump({"services": {"app": {"image": "x", "volumes": [volume]}}})
    app = Application(Path(), raw=situation is Situation.RAW_PRESERVED)
    try:
        rewrite.rewrite_raw(text, app) if app.raw else rewrite.rewrite_default(text, app, 0)
    except DeploymentFailed:
        return True
    return False


@pytest.mark.parametrize("situation", [Situation.DEFAULT, Situation.RAW_PRESERVED])
@pytest.mark.parametrize("text", TEXTS)
def test_a_path_with_letters_of_a_shell_is_found(tmp_path: Path, text: str, situation: Situation) -> None:
    """As text and as a map, in every mode."""
    source, _, target = text.rpartition(":")
    found = set()
    for volume in (text, {"type": "bind", "source": source, "target": target}):
        file = tmp_path / "compose.yaml"
        file.write_text(yaml.safe_dump({"services": {"app": {"image": "x", "volumes": [volume]}}}))
        refused = find_refusals(file, situation, None)
        assert [each.kind for each in refused] == [RefusalKind.PATH] * fails(volume, situation), volume
        found |= {each.what for each in refused}
    assert found <= {"${", "$(", "`", "&", ";", ">"}


def test_paths_were_not_checked_before_they_were(tmp_path: Path) -> None:
    """The check came with 4.0.0-beta.436."""
    file = tmp_path / "compose.yaml"
    file.write_text("services: {app: {image: x, volumes: ['./${D}:/x']}}\n")

    assert find_refusals(file, Situation.DEFAULT, "4.0.0-beta.435") == ()
    assert [each.kind for each in find_refusals(file, Situation.DEFAULT, "4.0.0-beta.436")] == [RefusalKind.PATH]
