"""What is in the data of a training, a line for each source: for `plait train --check`, and at its start."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from plait.core.errors import InputError
from plait.core.progress import CountProgress
from plait.core.task.source import relative_path
from plait.core.values.quoting import shorten
from plait.foundation.cards.token_automaton.alphabet import Alphabet
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.data.sources.annotations.annotated_pictures import AnnotatedPictures
from plait.foundation.data.sources.annotations.formats import annotated_pictures, annotation_format
from plait.foundation.data.sources.bad_rows import BadRow, check_bad_share, left_out_lines
from plait.foundation.data.sources.data_folder import read_folder
from plait.foundation.data.sources.row_checks import open_rows
from plait.foundation.data.sources.task_rows import RowSource
from plait.foundation.unified.objectives.encoded_examples import task_declaration
from plait.foundation.unified.objectives.source_discovery import discover_sources
from plait.foundation.unified.objectives.user_rows import UserRows

CHECKED_SIDE = 96  # pixels; whether a picture can be read does not depend on it
MAX_CLASSES_SHOWN = 8
MAX_NAME_LENGTH = 40


def source_lines(paths: Sequence[Path], images: Path | None = None, *, strict: bool = False) -> Iterator[str]:
    """What each source of annotated pictures is, and what is held out.

    Raises InputError for one that is damaged, and with `strict` for one with boxes that are larger than their pictures.
    """
    for path in paths:
        found = read_folder(path) if path.is_dir() else None
        for source in found.training if found else (path,):
            if form := annotation_format(source):
                pictures = annotated_pictures(form, source, images)
                if strict:
                    refuse_clipped(pictures)
                yield f"{relative_path(str(source))}: {form.name}, {contents(pictures)}"
        for source in found.held_out if found else ():
            yield f"{relative_path(str(source))}: held out, by its name"


def refuse_clipped(pictures: AnnotatedPictures) -> None:
    """Raises InputError if boxes were clipped."""
    if clipped := pictures.clipped:
        more = f" and {len(clipped) - 1:,} more" if len(clipped) > 1 else ""
        raise InputError(
            f"{clipped[0].where}{more} reach over the edge of their picture",
            hint="correct them; without --strict they are clipped",
        )


def contents(pictures: AnnotatedPictures) -> str:
    """Numbers of pictures and things, and the commonest classes."""
    boxes = Counter(each.category for each in pictures.annotations if each.box is not None)
    captions = sum(each.caption is not None for each in pictures.annotations)
    common = ", ".join(
        f"{shorten(name, MAX_NAME_LENGTH)} {count:,}" for name, count in boxes.most_common(MAX_CLASSES_SHOWN)
    )
    more = f" and {len(boxes) - MAX_CLASSES_SHOWN:,} more" if len(boxes) > MAX_CLASSES_SHOWN else ""
    parts = [f"{len(pictures.pictures):,} pictures"]
    parts += [f"{boxes.total():,} boxes of {len(boxes):,} classes ({common}{more})"] if boxes else []
    parts += [f"{captions:,} captions"] if captions else []
    parts += [f"{len(pictures.clipped):,} boxes clipped at the edge of their picture"] if pictures.clipped else []
    return ", ".join(parts)


def check_lines(
    paths: Sequence[Path], tasks: Sequence[str], images: Path | None = None, *, strict: bool = False
) -> Iterator[str]:
    """The lines above, the rows that each source has for each task, and those that are left out, with the reason.

    Every picture and every answer is read. Raises InputError for data that cannot be trained on.
    """
    pairs = [pair for path in paths for pair in discover_sources(path, tasks, images)]
    yield from source_lines(paths, images, strict=strict)
    for source, task in pairs:
        rows = open_rows(source, task_declaration(task), images)
        name, bad_rows = f"{relative_path(str(source))} ({task})", [*rows.bad_rows, *unusable_rows(rows)]
        total = rows.length + len(rows.bad_rows)
        yield f"{name}: {total - len(bad_rows):,} rows"
        yield from left_out_lines(name, bad_rows, total)
        check_bad_share(name, bad_rows, total)


def unusable_rows(rows: RowSource) -> Iterator[BadRow]:
    """Rows that training would leave out when it comes to them: truncated pictures, answers that are too long."""
    samples, count = UserRows(rows, Alphabet(vocabulary()), CHECKED_SIDE), 0
    progress = CountProgress(f"reading {rows.name}", rows.length)
    for index in range(rows.length):
        try:
            samples.sample(index)
        except InputError as error:
            count += 1
            yield BadRow("", error.message)
        progress.update(index + 1, count)
