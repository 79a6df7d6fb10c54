"""The size of a picture on disk, by its header alone."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plait import Image
from plait.core.values.json_value import InvalidValue
from plait.types.image.opening import size_on_disk
from tests.support.shelf import BAD, encode_picture, rotated_photo, shelf

LATER = ("cut short", "a JPEG cut short", "a broken checksum")  # what only the pixels tell


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 300), st.integers(1, 300), st.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "BMP"]))
def test_the_size_is_read_from_the_header(tmp_path: Path, width: int, height: int, form: str) -> None:
    file = tmp_path / "picture"
    file.write_bytes(encode_picture(shelf((64, 48)).resize((width, height)), form))
    assert size_on_disk(file) == (width, height) == Image(file).size


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_the_size_respects_exif_orientation(orientation: int, form: str, tmp_path: Path) -> None:
    file = tmp_path / "picture"
    file.write_bytes(rotated_photo(orientation, form))
    assert size_on_disk(file) == (64, 48) == Image(file).size


@pytest.mark.parametrize("what", BAD)
def test_an_invalid_header_is_refused_with_the_message_of_an_invalid_picture(what: str, tmp_path: Path) -> None:
    name, content, reason = BAD[what]
    (tmp_path / name).write_bytes(content)
    if what in LATER:
        assert min(size_on_disk(tmp_path / name)) > 0
        return
    with pytest.raises(InvalidValue) as caught:
        size_on_disk(tmp_path / name)
    assert str(caught.value).startswith(reason)


def test_a_picture_with_too_many_bytes_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "large.png"
    file.write_bytes(encode_picture(shelf()))
    with file.open("r+b") as stream:
        stream.truncate(20 * 2**20 + 1)
    with pytest.raises(InvalidValue, match="has more than the 20 MiB limit"):
        size_on_disk(file)
