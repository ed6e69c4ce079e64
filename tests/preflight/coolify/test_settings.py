"""preflight/coolify/settings.py"""

import pytest

from preflight.coolify.settings import CoolifySettings, is_uuid


@pytest.mark.parametrize("text", ["a", "w8k0g4sccwgkk0ko8wscw4s8", "5f3c-1_A", "x" * 64])
def test_a_uuid_is_a_name_of_a_folder(text: str) -> None:
    """Coolify's are 24 small letters and digits; older ones differ."""
    assert is_uuid(text)
    assert CoolifySettings(text).application == text


@pytest.mark.parametrize("text", ["..", ".", "a/b", "-a", "a b", "a\n", "x" * 65, "ü"])
def test_a_path_is_no_uuid(text: str) -> None:
    """Nothing that leads out of Coolify's folder is taken."""
    assert not is_uuid(text)
    with pytest.raises(ValueError, match="application must be the UUID"):
        CoolifySettings(text)


def test_the_pin_is_in_the_file_or_in_the_ui() -> None:
    """Nothing else is known."""
    assert CoolifySettings(pin_in="ui").pin_in == "ui"
    with pytest.raises(ValueError, match="pin_in must be file or ui"):
        CoolifySettings(pin_in="git")
