"""preflight/install/seal.py"""

import pytest

from preflight.errors import ConfigurationError
from preflight.install.seal import refuse_foreign, seal, unseal


def test_what_was_sealed_is_known_again() -> None:
    """With its folder."""
    found = unseal(seal("line\n", "/srv/app"))

    assert found is not None
    assert (found.folder, found.intact) == ("/srv/app", True)
    refuse_foreign(seal("line\n", "/srv/app"), "/srv/app", "it")


@pytest.mark.parametrize(("old", "new"), [("line", "lime"), ("/srv/app", "/srv/apq"), ("Seal: ", "Seal: 0")])
def test_any_edit_breaks_the_seal(old: str, new: str) -> None:
    """Of the body, the folder, or the checksum."""
    found = unseal(seal("line\n", "/srv/app").replace(old, new))

    assert found is not None
    assert not found.intact


@pytest.mark.parametrize("text", ["", "\n", "* * * * * x\n", "# preflight health job of /srv/app\n* * * * * x\n"])
def test_other_texts_are_not_ours(text: str) -> None:
    """Not even one that begins alike."""
    assert unseal(text) is None
    with pytest.raises(ConfigurationError, match="did not write it"):
        refuse_foreign(text, "/srv/app", "it")
