"""preflight/pins/image.py"""

from pathlib import Path

import pytest

from preflight.context import Context
from preflight.model import Need, Status
from preflight.pins.image import read_pinned_image, read_pinned_images
from preflight.pins.value import PinUnknown
from preflight.project import Pin
from preflight.testing import fake_context

A, B = (f"ghcr.io/example/{name}@sha256:{digit * 64}" for name, digit in (("a", "1"), ("b", "2")))


def context(folder: Path, **values: str) -> Context:
    """Return a context with a pin for each variable, all in one file."""
    file = folder / "pin.env"
    file.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    pins = tuple(Pin(name, "app", file) for name in values)
    return fake_context(folder, pins=pins)


def test_each_image_once_with_the_first_pin_that_names_it(tmp_path: Path) -> None:
    """In the order of the pins; a tag beside the digest makes no other image."""
    images = read_pinned_images(context(tmp_path, ONE=B, TWO=A, THREE=B.replace("@", ":1.0@"), FOUR=B))

    assert [(each.pin.variable, str(each.image)) for each in images.once_each] == [("ONE", B), ("TWO", A)]
    assert [each.pin.variable for each in images.pinned] == ["ONE", "TWO", "THREE", "FOUR"]
    assert [str(each.at) for each in images.once_each] == ["pin.env:1", "pin.env:2"]
    assert images.problems == ()


def test_a_pin_that_names_no_image_does_not_hide_the_others(tmp_path: Path) -> None:
    """Each gets a finding of its own, an error with its place."""
    images = read_pinned_images(context(tmp_path, BAD="hunter2 s3cret", GOOD=A, TAGGED="ghcr.io/example/a:1"))

    assert [each.pin.variable for each in images.once_each] == ["GOOD"]
    assert [(each.status, str(each.location), each.need) for each in images.problems] == [
        (Status.ERROR, "pin.env:1", Need.PIN),
        (Status.ERROR, "pin.env:3", Need.PIN),
    ]
    assert images.problems[0].message.startswith("BAD names no image to ask for: ")
    assert images.problems[1].message == "TAGGED has no digest to ask for"
    assert "hunter2" not in repr(images.problems)


def test_a_value_that_other_variables_decide_names_no_image(tmp_path: Path) -> None:
    """Nobody knows which image that is when Compose is called."""
    ctx = context(tmp_path, PIN="${REGISTRY:-ghcr.io}/example/a@sha256:" + "1" * 64)

    with pytest.raises(PinUnknown, match="depends on other variables"):
        read_pinned_image(ctx, ctx.pins[0])
