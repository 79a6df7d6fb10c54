"""Renders src/plait/foundation/unified/worlds/atlas: a sheet of pictograms per style, with names, colours and boxes.

    python recipes/data/atlas.py CACHE            writes styles.json and, of each part, the sheets and nouns.json
    python recipes/data/atlas.py CACHE --check    exits 1 if a file is not what this would write
    python recipes/data/atlas.py CACHE --counts   number of nouns per style, class and colour

CACHE is a folder for the npm packages of PACKAGES; missing ones are fetched with `npm pack`. Needs resvg-py in
the version of RENDERER: other versions may round some pixels differently.
"""

import io
import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from command import command
from pictograms.names import MORE, NOUNS, Entry, entries
from pictograms.packages import Package, Pictograms, names, pictograms
from pictograms.split import MORE_SEED, SEED, held_out
from PIL import Image

from plait.foundation.unified.worlds.atlas import CELL, COLUMNS, FOLDER
from plait.foundation.unified.worlds.atlas import EXTRA_FOLDER as PART
from plait.foundation.unified.worlds.palette import COLOURS, GROUNDS, NO_COLOUR, colour_indices, contrast

RENDERER = "0.5.0"
STYLES = {
    "fluent_flat": Package("@iconify-json/fluent-emoji-flat", "1.2.6"),
    "fluent": Package("@iconify-json/fluent-emoji", "1.2.7"),
    "noto": Package("@iconify-json/noto", "1.2.9"),
    "noto_v1": Package("@iconify-json/noto-v1", "1.2.5"),
    "fxemoji": Package("@iconify-json/fxemoji", "1.2.2"),
    "emojione": Package("@iconify-json/emojione", "1.2.3"),
    "twemoji": Package("@iconify-json/twemoji", "1.2.5"),
}
NAMES = Package("emojibase-data", "17.0.0")
TEST = "twemoji"
# Of the visible area: so much has the colour that a sprite is said to have, so little may have another one. A panda is
# not white, and a bicycle whose frame is orange is not black.
MOST, RIVAL = 0.65, 0.15
# A sprite is faint on a ground if less than FAINT of what is visible is CLEAR of it (distance in CIELAB).
FAINT, CLEAR = 0.4, 18
Sprites = dict[str, dict[str, np.ndarray]]  # style, code → RGBA pixels


@dataclass(frozen=True)
class Part:
    """Nouns with sheets of their own, so that new ones leave the old pictures as they are, and a draw of their own of
    what training never sees.
    """

    table: Path
    folder: Path
    seed: int


PARTS = (Part(NOUNS, FOLDER, SEED), Part(MORE, FOLDER / PART, MORE_SEED))


def sprites(styles: dict[str, Pictograms], nouns: list[Entry]) -> Sprites:
    slugs = {noun.code: styles["fluent_flat"].chars[noun.code.lower()] for noun in nouns}
    return {style: dict(draw_cells(style, packed, nouns, slugs)) for style, packed in styles.items()}


def draw_cells(
    style: str, packed: Pictograms, nouns: list[Entry], slugs: dict[str, str]
) -> Iterator[tuple[str, np.ndarray]]:
    """The cells of a style, by code. Packages without a table of code points use Unicode's names, except fxemoji."""
    for noun in nouns:
        name = noun.fxemoji if style == "fxemoji" else packed.name(noun.code, slugs[noun.code])
        if name in packed.icons and style not in noun.without:
            yield noun.code, packed.render(name, CELL)


def dominant(cell: np.ndarray) -> str | None:
    """The name of the one colour of what is visible, weighed by how opaque it is."""
    weight = cell[..., 3].ravel() / 255
    colours = colour_indices(cell[..., :3].reshape(-1, 3))
    area = np.bincount(colours[colours != NO_COLOUR], weight[colours != NO_COLOUR], len(COLOURS))
    rival, best = np.argsort(area)[-2:]
    alone = area[best] >= MOST * weight.sum() and area[rival] <= RIVAL * weight.sum()
    return COLOURS[best].en if alone else None


def faint(cell: np.ndarray) -> list[str]:
    """The grounds on which a sprite is hard to see."""
    visible = cell[cell[..., 3] > 128][:, :3]
    return [COLOURS[ground].en for ground in GROUNDS if (contrast(visible, ground) > CLEAR).mean() < FAINT]


def box(cell: np.ndarray) -> list[int]:
    """Left, top, right, bottom of what is visible, fainter edges than a tenth left out."""
    rows, columns = (np.flatnonzero((cell[..., 3] >= 26).any(axis)) for axis in (1, 0))
    return [int(each) for each in (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)]


def sheet(cells: dict[str, np.ndarray], nouns: list[Entry]) -> bytes:
    rows = -(-len(nouns) // COLUMNS)
    grid = np.zeros((rows, COLUMNS, CELL, CELL, 4), np.uint8)
    for place, noun in enumerate(nouns):
        if noun.code in cells:
            grid[divmod(place, COLUMNS)] = cells[noun.code]
    image, file = Image.fromarray(grid.swapaxes(1, 2).reshape(rows * CELL, COLUMNS * CELL, 4)), io.BytesIO()
    image.save(file, "WEBP", quality=92, alpha_quality=100)
    return file.getvalue()


def records(nouns: list[Entry], cells: Sprites, seed: int) -> list[dict]:
    hands = {noun.code: [style for style in cells if noun.code in cells[style]] for noun in nouns}
    held = held_out({code: [style for style in styles if style != TEST] for code, styles in hands.items()}, seed)

    def sprite(code: str, style: str) -> dict:
        cell = cells[style][code]
        seen = {"colour": dominant(cell), "box": box(cell), "faint": faint(cell)}
        return seen | {"held_out": (code, style) in held}

    return [
        noun.to_json() | {"styles": {style: sprite(noun.code, style) for style in hands[noun.code]}} for noun in nouns
    ]


def lines(rows: list[dict]) -> bytes:
    return ("[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n").encode()


def main(cache: Path, arguments: list[str]) -> int:
    if version("resvg-py") != RENDERER:
        print(f"resvg-py is {version('resvg-py')}, not {RENDERER}: some pixels may differ", file=sys.stderr)
    styles = {style: pictograms(package, cache) for style, package in STYLES.items()}
    described = [
        {"name": style, **STYLES[style].to_json(), "licence": packed.licence, "training": style != TEST}
        for style, packed in styles.items()
    ]
    files, rows = {FOLDER / "styles.json": lines(described)}, []
    for part in PARTS:
        nouns = entries(part.table, *names(NAMES, cache))
        cells = sprites(styles, nouns)
        recorded = records(nouns, cells, part.seed)
        files |= {part.folder / f"{style}.webp": sheet(drawings, nouns) for style, drawings in cells.items()}
        files[part.folder / "nouns.json"] = lines(recorded)
        rows += recorded
    return command(arguments, __doc__ or "", files, lambda: counts(rows))


def counts(rows: list[dict]) -> str:
    pairs = [(style, sprite) for row in rows for style, sprite in row["styles"].items()]
    tables = {
        "nouns by kind": Counter(row["kind"]["en"] for row in rows),
        "sprites by style": Counter(style for style, _ in pairs),
        "held out by style": Counter(style for style, sprite in pairs if sprite["held_out"]),
        "sprites by colour": Counter(str(sprite["colour"]) for _, sprite in pairs),
    }
    return "\n".join(f"{title}: {dict(table)}" for title, table in tables.items())


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
