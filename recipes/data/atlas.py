"""Renders src/plait/foundation/unified/worlds/atlas: a sheet of pictograms per style, with names, colours and boxes.

    python recipes/data/atlas.py CACHE            writes styles.json, and sheets and nouns.json per part
    python recipes/data/atlas.py CACHE --check    exits 1 if a file differs from the output
    python recipes/data/atlas.py CACHE --counts   number of nouns per style, class and colour

CACHE is a folder for the npm packages of STYLES and NAMES; missing ones are fetched with `npm pack`. Needs resvg-py in
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
from pictograms.names import EXTRA_NOUNS_FILE, NOUNS_FILE, NounEntry, read_nouns
from pictograms.packages import Package, Pictograms, emoji_names, read_pictograms
from pictograms.split import MORE_SEED, SEED, held_out
from PIL import Image
from recipe_cli import run_recipe

from plait.foundation.unified.worlds.atlas import CELL, COLUMNS, EXTRA_FOLDER, FOLDER
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
HELD_OUT_STYLE = "twemoji"
# Shares of the visible area: minimum for the sprite's colour, maximum for the second most frequent one. Otherwise the
# sprite has no colour: a panda is not white, a bicycle with an orange frame is not black.
MIN_COLOUR_SHARE, MAX_OTHER_COLOUR_SHARE = 0.65, 0.15
# A sprite is faint on a background if less than MIN_CLEAR_SHARE of its visible pixels differ from the background by
# more than MIN_CONTRAST (distance in CIELAB).
MIN_CLEAR_SHARE, MIN_CONTRAST = 0.4, 18
Sprites = dict[str, dict[str, np.ndarray]]  # style, code → RGBA pixels


@dataclass(frozen=True)
class AtlasPart:
    """A table of nouns with separate sprite sheets and a separate seed for held-out sprites.

    New parts therefore leave the images and the split of existing parts unchanged.
    """

    table: Path
    folder: Path
    seed: int


PARTS = (AtlasPart(NOUNS_FILE, FOLDER, SEED), AtlasPart(EXTRA_NOUNS_FILE, FOLDER / EXTRA_FOLDER, MORE_SEED))


def sprites(styles: dict[str, Pictograms], nouns: list[NounEntry]) -> Sprites:
    slugs = {noun.code: styles["fluent_flat"].chars[noun.code.lower()] for noun in nouns}
    return {style: dict(render_cells(style, pictogram_set, nouns, slugs)) for style, pictogram_set in styles.items()}


def render_cells(
    style: str, pictogram_set: Pictograms, nouns: list[NounEntry], slugs: dict[str, str]
) -> Iterator[tuple[str, np.ndarray]]:
    """Rendered cells of a style, by code point. Packages without code point table use Unicode names, except fxemoji."""
    for noun in nouns:
        name = noun.fxemoji if style == "fxemoji" else pictogram_set.name(noun.code, slugs[noun.code])
        if name in pictogram_set.icons and style not in noun.without:
            yield noun.code, pictogram_set.render(name, CELL)


def dominant_colour(cell: np.ndarray) -> str | None:
    """Name of the dominant colour of visible pixels, weighted by opacity; None if no colour dominates."""
    weight = cell[..., 3].ravel() / 255
    colours = colour_indices(cell[..., :3].reshape(-1, 3))
    area = np.bincount(colours[colours != NO_COLOUR], weight[colours != NO_COLOUR], len(COLOURS))
    second, best = np.argsort(area)[-2:]
    dominates = area[best] >= MIN_COLOUR_SHARE * weight.sum() and area[second] <= MAX_OTHER_COLOUR_SHARE * weight.sum()
    return COLOURS[best].en if dominates else None


def low_contrast_grounds(cell: np.ndarray) -> list[str]:
    """Background colours on which the sprite is hard to see."""
    visible = cell[cell[..., 3] > 128][:, :3]
    return [
        COLOURS[ground].en for ground in GROUNDS if (contrast(visible, ground) > MIN_CONTRAST).mean() < MIN_CLEAR_SHARE
    ]


def bounding_box(cell: np.ndarray) -> list[int]:
    """Left, top, right, bottom of the pixels with at least 10 % opacity."""
    rows, columns = (np.flatnonzero((cell[..., 3] >= 26).any(axis)) for axis in (1, 0))
    return [int(each) for each in (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)]


def sprite_sheet(cells: dict[str, np.ndarray], nouns: list[NounEntry]) -> bytes:
    rows = -(-len(nouns) // COLUMNS)
    grid = np.zeros((rows, COLUMNS, CELL, CELL, 4), np.uint8)
    for index, noun in enumerate(nouns):
        if noun.code in cells:
            grid[divmod(index, COLUMNS)] = cells[noun.code]
    image, file = Image.fromarray(grid.swapaxes(1, 2).reshape(rows * CELL, COLUMNS * CELL, 4)), io.BytesIO()
    image.save(file, "WEBP", quality=92, alpha_quality=100)
    return file.getvalue()


def noun_records(nouns: list[NounEntry], cells: Sprites, seed: int) -> list[dict]:
    styles_by_code = {noun.code: [style for style in cells if noun.code in cells[style]] for noun in nouns}
    held_out_pairs = held_out(
        {code: [style for style in styles if style != HELD_OUT_STYLE] for code, styles in styles_by_code.items()}, seed
    )

    def sprite(code: str, style: str) -> dict:
        cell = cells[style][code]
        properties = {"colour": dominant_colour(cell), "box": bounding_box(cell), "faint": low_contrast_grounds(cell)}
        return properties | {"held_out": (code, style) in held_out_pairs}

    return [
        noun.to_json() | {"styles": {style: sprite(noun.code, style) for style in styles_by_code[noun.code]}}
        for noun in nouns
    ]


def json_array(rows: list[dict]) -> bytes:
    return ("[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n").encode()


def main(cache: Path, arguments: list[str]) -> int:
    if version("resvg-py") != RENDERER:
        print(f"resvg-py is {version('resvg-py')}, not {RENDERER}: some pixels may differ", file=sys.stderr)
    styles = {style: read_pictograms(package, cache) for style, package in STYLES.items()}
    style_records = [
        {
            "name": style,
            **STYLES[style].to_json(),
            "licence": pictogram_set.licence,
            "training": style != HELD_OUT_STYLE,
        }
        for style, pictogram_set in styles.items()
    ]
    files, rows = {FOLDER / "styles.json": json_array(style_records)}, []
    for part in PARTS:
        nouns = read_nouns(part.table, *emoji_names(NAMES, cache))
        cells = sprites(styles, nouns)
        part_records = noun_records(nouns, cells, part.seed)
        files |= {part.folder / f"{style}.webp": sprite_sheet(drawings, nouns) for style, drawings in cells.items()}
        files[part.folder / "nouns.json"] = json_array(part_records)
        rows += part_records
    return run_recipe(arguments, __doc__ or "", files, lambda: counts(rows))


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
