from io import BytesIO

from hypothesis import strategies as st

from plait.types.image.value import Image, ImageType

SAMPLES = (Image,)
SIDE = 16  # pixels that every picture drawn has at least, so that a box drawn for any of them lies on it
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")


def strategy(value_type: ImageType) -> st.SearchStrategy[Image]:
    side = st.integers(SIDE, SIDE + 8)
    colour = st.tuples(*[st.integers(0, 255)] * 3)
    return st.builds(plain_image, side, side, colour, st.sampled_from(FORMATS))


def plain_image(width: int, height: int, colour: tuple[int, ...] = (58, 86, 212), format_name: str = "PNG") -> Image:
    """A picture of one colour."""
    from PIL import Image as Pillow

    into = BytesIO()
    Pillow.new("RGB", (width, height), colour).save(into, format_name)
    return Image(into.getvalue())
