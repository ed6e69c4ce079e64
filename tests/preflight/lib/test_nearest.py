"""preflight/lib/nearest.py"""

import pytest

from preflight.lib.nearest import nearest


@pytest.mark.parametrize(
    ("name", "said"),
    [("insecur", ", did you mean insecure?"), ("trust-root", ", did you mean trust_root?"), ("xyz", ""), ("", "")],
)
def test_only_a_close_name_is_offered(name: str, said: str) -> None:
    """What nobody can have meant is not."""
    assert nearest(name, ["insecure", "trust_root"]) == said
