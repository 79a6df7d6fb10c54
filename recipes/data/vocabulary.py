"""Writes src/plait/foundation/cards/pieces.json: the text pieces of the unified model.

A byte-pair encoding with byte fallback over names of emoji in English and Chinese (emojibase-data 17.0.0, MIT), the
wordings of the built-in tasks and the texts of the synthetic scenes. A piece does not cross a word boundary; each digit
and each Han character is a separate piece.

    python -m recipes.data.vocabulary CACHE
"""

import json
import random
import tarfile
from collections.abc import Iterator
from pathlib import Path

import click
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

from plait.foundation.cards.vocabulary import GAP_MARK, METASPACE, PIECES_FILE
from plait.foundation.unified.worlds.atlas import atlas
from plait.foundation.unified.worlds.items import GroundedText, spans_text
from plait.foundation.unified.worlds.sampling import sample_scene
from plait.foundation.unified.worlds.task_items import TASKS, make_items
from plait.service.catalog import Catalog

VOCABULARY_SIZE = 3_072
SCENE_ITEMS = 20_000  # items of synthetic scenes; more frequent than emoji names
REPEATS = 2_000  # repetitions of wordings and nouns, so that their words become single pieces
PIECE_BOUNDARIES = Regex(
    rf"{METASPACE}?[\p{{L}}&&[^\p{{Han}}]]+|\p{{Han}}|{METASPACE}?[^\s\p{{L}}\p{{N}}{METASPACE}]|{METASPACE}?\p{{N}}|{METASPACE}"
)
BYTE_PIECES = [f"<0x{byte:02X}>" for byte in range(256)]


def emoji_names(cache: Path) -> Iterator[str]:
    with tarfile.open(cache / "emojibase-data-17.0.0.tgz") as package:
        for language in ("en", "zh"):
            file = package.extractfile(f"package/{language}/data.json")
            assert file is not None
            for emoji in json.load(file):
                yield emoji["label"].lower()
                yield from (tag.lower() for tag in emoji.get("tags", ()))


def task_wordings() -> Iterator[str]:
    for task in Catalog.built_in():
        for each in task.declaration.wordings.values():
            yield from (str(wording).lower() for wording in each for _ in range(REPEATS))


def scene_texts() -> Iterator[str]:
    for noun in atlas().nouns:
        yield from (
            word for word in (f"{noun.en} {noun.plural} {noun.noun_class.en} {noun.noun_class.plural}",) * REPEATS
        )
    for number in range(SCENE_ITEMS // len(TASKS)):
        rng = random.Random(number)
        for item in make_items(sample_scene(rng), len(TASKS), dict.fromkeys(TASKS, 1.0), rng):
            yield from (spans_text(words) for words in item.inputs.values() if isinstance(words[0], GroundedText))
            if isinstance(item.answer, str):
                yield item.answer


@click.command(help=__doc__)
@click.argument("cache", type=click.Path(path_type=Path, file_okay=False))
def main(cache: Path) -> None:
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token=None))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(PIECE_BOUNDARIES, "isolated")
    # Bytes come first: special tokens take the lowest ids, in this order.
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY_SIZE, special_tokens=BYTE_PIECES, limit_alphabet=1_500, show_progress=False
    )
    lines = (*emoji_names(cache), *task_wordings(), *scene_texts())
    tokenizer.train_from_iterator(map(encoding_input, lines), trainer)
    PIECES_FILE.write_text(tokenizer_json(tokenizer), encoding="utf-8")


def encoding_input(line: str) -> str:
    """The line in the form the encoder sees: a word at the start of a line has the same piece as after a space."""
    return f" {line}".replace(GAP_MARK, "").replace(" ", METASPACE)


def tokenizer_json(tokenizer: Tokenizer) -> str:
    """Tokenizer as JSON without special tokens; otherwise the text "<0x41>" would be encoded as a byte."""
    saved = json.loads(tokenizer.to_str())
    saved["added_tokens"] = []
    return json.dumps(saved, ensure_ascii=False, indent=0) + "\n"


if __name__ == "__main__":
    main()
