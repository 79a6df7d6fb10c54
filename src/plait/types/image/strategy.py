from io import BytesIO

from hypothesis import strategies as st

from plait.types.image.value import Image, ImageKind

SAMPLES = (Image,)
SIDE = 16  # pixels that every picture drawn has at least, so that a box drawn for any of them lies on it
FORMS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")


def strategy(kind: ImageKind) -> st.SearchStrategy[Image]:
    side = st.integers(SIDE, SIDE + 8)
    colour = st.tuples(*[st.integers(0, 255)] * 3)
    return st.builds(drawn, side, side, colour, st.sampled_from(FORMS))


def drawn(width: int, height: int, colour: tuple[int, ...] = (58, 86, 212), form: str = "PNG") -> Image:
    """A picture of one colour."""
    from PIL import Image as Pillow

    into = BytesIO()
    Pillow.new("RGB", (width, height), colour).save(into, form)
    return Image(into.getvalue())
