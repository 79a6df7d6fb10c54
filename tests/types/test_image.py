"""Pictures: read as they are looked at, whatever form they came in; refused in words where they are none."""

import subprocess
import sys
import time
import warnings
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from plait import Image
from plait.core.errors import InputError
from plait.core.values.call_context import CallContext
from plait.core.values.json_value import InvalidValue
from plait.types.image import ImageType
from plait.types.image.image import MAX_BYTES, MAX_MODEL_SIDE
from tests.support.shelf import BAD, BLUE, PNG, RED, SIZE, encode_picture, png_claiming_size, rotated_photo, shelf


def corner(image: Image) -> tuple[int, ...]:
    """The colour where the red mug is."""
    pixel = image.pil.getpixel((16, 28))
    assert isinstance(pixel, tuple)
    return tuple(map(int, pixel))


def is_near(one: tuple[int, ...], other: tuple[int, ...], within: int = 40) -> bool:
    return all(abs(a - b) <= within for a, b in zip(one, other, strict=True))


# ── where it comes from ──


def test_a_picture_is_made_from_a_path_bytes_a_file_a_data_url_or_pillow(tmp_path: Path) -> None:
    path = tmp_path / "shelf.png"
    path.write_bytes(PNG)
    with path.open("rb") as file:
        opened = Image(file)
    same = [Image(path), Image(str(path)), Image(PNG), Image(bytearray(PNG)), Image(BytesIO(PNG)), opened]
    same += [Image(Image(PNG).data_url), Image(shelf()), Image(Image(path))]
    assert all(each == Image(PNG) and each.size == SIZE for each in same)
    assert len(set(same)) == 1
    assert (Image(path).file, opened.file, Image(Image(path)).file, Image(PNG).file) == (*["shelf.png"] * 3, "")


def test_an_unsupported_source_is_refused_with_the_supported_ones(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not from int") as caught:
        Image(5)  # type: ignore[arg-type]
    assert "Image(" in caught.value.hint
    with pytest.raises(InputError, match=r"nope\.png cannot be read: No such file"):
        Image(tmp_path / "nope.png")
    with pytest.raises(InputError, match="is a URL, and Plait fetches none"):
        Image("https://example.org/shelf.png")
    with pytest.raises(InputError, match="is not valid base64"):
        Image("data:image/png;base64,!!!")


def test_format_and_size_are_known_without_decoding(tmp_path: Path) -> None:
    (tmp_path / "my \x1b[31m shelf.png").write_bytes(PNG)
    image = Image(tmp_path / "my \x1b[31m shelf.png")
    assert repr(image) == f"Image(my [31m shelf.png, {len(PNG)} bytes)"
    assert len(repr(Image(b"x" * 5_000_000))) < 40


def test_a_picture_is_saved_unchanged_or_in_the_format_of_its_new_suffix(tmp_path: Path) -> None:
    image = Image(encode_picture(shelf(), "JPEG"))
    image.save(tmp_path / "same.jpg")
    image.save(tmp_path / "other.png")
    assert (tmp_path / "same.jpg").read_bytes() == image.content
    assert Image(tmp_path / "other.png").media_type == "image/png"
    assert Image(image._repr_png_()).size == SIZE
    with pytest.raises(InputError, match=r"\.txt is not an image format"):
        image.save(tmp_path / "shelf.txt")


# ── how it is read ──

FORMS: dict[str, bytes] = {
    "PNG": PNG,
    "JPEG": encode_picture(shelf(), "JPEG", quality=95),
    "progressive JPEG": encode_picture(shelf(), "JPEG", quality=95, progressive=True),
    "grey JPEG": encode_picture(shelf().convert("L"), "JPEG"),
    "CMYK": encode_picture(shelf().convert("CMYK"), "JPEG", quality=95),
    "WebP": encode_picture(shelf(), "WEBP", lossless=True),
    "GIF": encode_picture(shelf(), "GIF"),
    "BMP": encode_picture(shelf(), "BMP"),
    "palette": encode_picture(shelf().quantize(8)),
    "alpha": encode_picture(shelf().convert("RGBA")),
    "grey alpha": encode_picture(shelf().convert("LA")),
    "one bit": encode_picture(shelf().convert("1")),
    "turned half": rotated_photo(3, quality=95),
    "turned right": rotated_photo(6, quality=95),
    "turned left": rotated_photo(8, quality=95),
    "turned WebP": rotated_photo(6, "WEBP", lossless=True),
    "turned PNG": rotated_photo(6, "PNG"),
}


@pytest.mark.parametrize("name", FORMS)
def test_exif_orientation_is_applied(name: str) -> None:
    image = Image(FORMS[name])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert image.size == SIZE and image.pil.mode == "RGB" and image.pil.size == SIZE
    grey = name.startswith(("grey", "one"))
    assert grey or is_near(corner(image), RED), f"{corner(image)} is not red"
    white = image.pil.getpixel((32, 4))
    assert isinstance(white, tuple) and is_near(tuple(map(int, white)), (255, 255, 255))


def test_sixteen_bit_grey_is_scaled_and_not_clipped() -> None:
    half = Image(encode_picture(Pillow.new("I;16", SIZE, 32_768)))
    assert is_near(corner(half), (127, 127, 127), 1)


def test_transparency_is_composited_on_white() -> None:
    clear = shelf().convert("RGBA")
    clear.putalpha(0)
    assert corner(Image(encode_picture(clear))) == (255, 255, 255)
    palette = encode_picture(shelf().quantize(8), "PNG", transparency=bytes(8))
    assert corner(Image(palette)) == (255, 255, 255)


@pytest.mark.parametrize("reader", ["from plait import Image", "from PIL import Image; Image = Image.open"])
def test_unreadable_exif_is_ignored(tmp_path: Path, reader: str) -> None:
    broken = encode_picture(shelf(), "JPEG", quality=95, exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    (tmp_path / "it.jpg").write_bytes(broken)
    code = f"import sys; {reader}; print(Image(sys.argv[1]).size)"
    process = subprocess.run([sys.executable, "-c", code, str(tmp_path / "it.jpg")], capture_output=True, text=True)
    assert process.stdout == f"{SIZE}\n"
    assert bool(process.stderr) == ("PIL" in reader), "Pillow by itself warns: the control"


def test_a_photo_with_an_embedded_preview_is_one_picture() -> None:
    both = encode_picture(shelf(), "MPO", save_all=True, append_images=[Pillow.new("RGB", (16, 12))], quality=95)
    assert is_near(corner(Image(both)), RED)


# ── what a model is sent ──


@given(st.integers(1, 3 * MAX_MODEL_SIDE), st.integers(1, 60))
def test_a_sent_picture_is_downscaled_and_keeps_its_aspect_ratio(long: int, short: int) -> None:
    image = Image(encode_picture(Pillow.new("RGB", (long, short), BLUE), "BMP"))
    width, height = image.size_for_model
    assert max(width, height) <= MAX_MODEL_SIDE and min(width, height) >= 1
    assert abs(width / height - long / short) <= max(long / short / height, long / short / width) + 1e-9
    if max(long, short) <= MAX_MODEL_SIDE:
        assert (width, height) == (long, short)


def test_a_sent_picture_has_no_metadata_is_rotated_and_in_a_common_format() -> None:
    photo = rotated_photo(6, quality=95)
    sent = Image(photo).content_for_model
    again = Pillow.open(BytesIO(sent.content))
    assert sent.media_type == "image/jpeg" and again.size == SIZE
    assert b"Exif" in photo and b"Exif" not in sent.content, "where and with what it was taken is nobody's business"
    large = Image(encode_picture(shelf((3000, 1500)), "JPEG"))
    assert Pillow.open(BytesIO(large.content_for_model.content)).size == large.size_for_model == (2048, 1024)
    assert (
        Image(FORMS["CMYK"]).content_for_model.media_type == "image/jpeg"
        and Image(FORMS["GIF"]).content_for_model.media_type == "image/png"
    )


# ── what is refused ──


@pytest.mark.parametrize("name", BAD)
def test_an_invalid_picture_is_refused_before_decoding(name: str) -> None:
    file, content, words = BAD[name]
    kind = ImageType()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(InvalidValue) as caught:
            kind.encode(Image(content, file=file), CallContext())
        assert str(caught.value).startswith(words)
        with pytest.raises(InputError) as raised:
            _ = Image(content, file=file).size
    assert raised.value.message.startswith(f"{file}, {len(content):,} bytes {words}")


def test_a_picture_with_too_many_bytes_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "long.png"
    with path.open("wb") as file:
        file.write(PNG)
        file.truncate(10 * 2**30)  # sparse: ten gigabytes that take no room
    started = time.process_time()
    image = Image(path)
    assert len(image.content) == MAX_BYTES + 1 and time.process_time() - started < 2
    with pytest.raises(InputError, match="has more than the 20 MiB limit"):
        _ = image.size


MEASURED = """
import re, sys
from pathlib import Path
from plait import Image
from plait.core.errors import InputError
image = Image(Path(sys.argv[1]))
from plait.types.image import opening
from PIL import PngImagePlugin
def most():
    # Not getrusage: its figure is inherited from the parent process.
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
before = most()
try:
    image.size
except InputError:
    pass
print((most() - before) // 1024)
"""


def megabytes(tmp_path: Path, content: bytes) -> int:
    """How much memory asking for a picture's size takes, in a process of its own."""
    (tmp_path / "it.png").write_bytes(content)
    process = subprocess.run(
        [sys.executable, "-c", MEASURED, str(tmp_path / "it.png")], capture_output=True, text=True, check=True
    )
    return int(process.stdout)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is told by Linux here")
def test_a_decompression_bomb_takes_no_memory(tmp_path: Path) -> None:
    assert megabytes(tmp_path, png_claiming_size(30_000, 30_000)) < 10
    honest = encode_picture(Pillow.new("L", (6_000, 6_000)))  # the control: what is opened is seen by the measure
    assert megabytes(tmp_path, honest) > 100


@given(st.binary(max_size=200), st.integers(0, len(PNG)))
def test_any_bytes_are_decoded_or_refused_with_a_message(noise: bytes, cut: int) -> None:
    for content in (noise, PNG[:cut] + noise, b"\xff\xd8\xff" + noise, b"GIF89a" + noise, b"RIFF0000WEBP" + noise):
        try:
            assert Image(content).size == SIZE or noise
        except InputError as refused:
            assert refused.message


# ── on the wire ──


@pytest.mark.parametrize(
    "json_value", ["shelf.png", "/etc/passwd", "file:///etc/passwd", "http://x/shelf.png", 5, None, []]
)
def test_json_opens_no_path_and_fetches_no_url(json_value: object) -> None:
    with pytest.raises(InvalidValue, match="paths and other URLs are not accepted"):
        ImageType().decode(json_value, CallContext())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("data:image/png,x", "should be a data URL in base64"),
        ("data:image/png;base64", "should be a data URL in base64"),
        ("data:text/plain;base64,eA==", "should be a picture, not"),
        ("data:image/png;base64,x", "is not valid base64"),
        ("data:image/png;base64,", "empty"),
    ],
)
def test_an_invalid_data_url_is_refused_with_a_message(url: str, words: str) -> None:
    with pytest.raises(InvalidValue, match=words):
        ImageType().decode(url, CallContext())


def test_the_declared_type_of_a_data_url_is_ignored() -> None:
    lying = Image(PNG).data_url.replace("image/png", "image/webp;name=shelf%20one.png")
    image = ImageType().decode(lying, CallContext())
    assert isinstance(image, Image) and image.media_type == "image/png" and image.file == "shelf one.png"


def test_a_local_path_is_relative_to_its_folder(tmp_path: Path) -> None:
    (tmp_path / "shelf.png").write_bytes(PNG)
    assert ImageType().decode(ImageType().from_disk("shelf.png", tmp_path), CallContext()) == Image(PNG)
    with pytest.raises(InvalidValue, match=r"nope\.png cannot be read"):
        ImageType().from_disk("nope.png", tmp_path)
