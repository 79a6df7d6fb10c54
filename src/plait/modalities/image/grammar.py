from plait.core import grammar as g
from plait.core.kinds import Beside
from plait.modalities.image.value import ImageKind

CHARACTERS = 28 * 2**20  # of a data URL: 20 MiB in base64, with its head


def grammar(kind: ImageKind, beside: Beside) -> g.Grammar:
    """No grammar holds a decoder to a picture: models that write text are refused before it comes to that."""
    return g.Text(0, CHARACTERS)
