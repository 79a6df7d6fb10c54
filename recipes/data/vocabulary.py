"""Makes src/plait/foundation/cards/pieces.json: the text pieces of the unified model.

A byte-pair encoding with byte fallback over names of emoji in English and Chinese (emojibase-data 17.0.0, MIT), the
wordings of the built-in tasks and the texts of the synthetic scenes. Pieces do not cross words; digits and Han
characters are pieces of their own.

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
from plait.foundation.unified.worlds.items import Span, spans_text
from plait.foundation.unified.worlds.sampling import sample_scene
from plait.foundation.unified.worlds.task_items import TASKS, make_items
from plait.service.catalog import Catalog

COUNT = 3_072
SAID = 20_000  # items of the world that are read; its words weigh more than emoji's names, which are many and rare
OFTEN = 2_000  # each wording is read with every item: its words are pieces
SPLIT = Regex(
    rf"{METASPACE}?[\p{{L}}&&[^\p{{Han}}]]+|\p{{Han}}|{METASPACE}?[^\s\p{{L}}\p{{N}}{METASPACE}]|{METASPACE}?\p{{N}}|{METASPACE}"
)
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]


def names(cache: Path) -> Iterator[str]:
    with tarfile.open(cache / "emojibase-data-17.0.0.tgz") as package:
        for language in ("en", "zh"):
            file = package.extractfile(f"package/{language}/data.json")
            assert file is not None
            for emoji in json.load(file):
                yield emoji["label"].lower()
                yield from (tag.lower() for tag in emoji.get("tags", ()))


def wordings() -> Iterator[str]:
    for task in Catalog.built_in():
        for each in task.declaration.wordings.values():
            yield from (str(wording).lower() for wording in each for _ in range(OFTEN))


def world() -> Iterator[str]:
    for noun in atlas().nouns:
        yield from (
            word for word in (f"{noun.en} {noun.plural} {noun.noun_class.en} {noun.noun_class.plural}",) * OFTEN
        )
    for number in range(SAID // len(TASKS)):
        rng = random.Random(number)
        for item in make_items(sample_scene(rng), len(TASKS), dict.fromkeys(TASKS, 1.0), rng):
            yield from (spans_text(words) for words in item.inputs.values() if isinstance(words[0], Span))
            if isinstance(item.answer, str):
                yield item.answer


@click.command(help=__doc__)
@click.argument("cache", type=click.Path(path_type=Path, file_okay=False))
def main(cache: Path) -> None:
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token=None))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(SPLIT, "isolated")
    # Bytes come first: special tokens take the lowest ids, in this order.
    trainer = trainers.BpeTrainer(vocab_size=COUNT, special_tokens=BYTES, limit_alphabet=1_500, show_progress=False)
    lines = (*names(cache), *wordings(), *world())
    tokenizer.train_from_iterator(map(encoding_input, lines), trainer)
    PIECES_FILE.write_text(plain(tokenizer), encoding="utf-8")


def encoding_input(line: str) -> str:
    """A line as it is encoded: a word at its beginning is the same piece as after a blank."""
    return f" {line}".replace(GAP_MARK, "").replace(" ", METASPACE)


def plain(tokenizer: Tokenizer) -> str:
    """The bytes are ordinary pieces: as special tokens a text that says "<0x41>" would become one."""
    saved = json.loads(tokenizer.to_str())
    saved["added_tokens"] = []
    return json.dumps(saved, ensure_ascii=False, indent=0) + "\n"


if __name__ == "__main__":
    main()
