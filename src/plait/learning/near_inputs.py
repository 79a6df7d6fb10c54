"""Inputs that are equal or nearly so: such rows must not be learned and scored both.

Texts are compared by their groups of five letters; every input of a task has to be alike, so that two commands in the
same house are two commands. Only rows that share one of their rarest groups are compared (prefix filtering,
Chaudhuri et al. 2006): 10,000 rows against 1,000 take a second instead of minutes.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import floor
from sys import intern
from typing import cast

from plait.core.prompting.few_shot import normalized_inputs
from plait.core.task.declaration import Declaration
from plait.core.values.json_text import dumps
from plait.core.values.json_value import Json
from plait.storage.attachments import iter_texts, with_value

LETTERS = 5
SIMILARITY = 0.8  # Jaccard index from which on two texts are nearly equal

Shingles = frozenset[str]
InputTexts = tuple[str, ...]


def input_texts(declaration: Declaration, inputs: Mapping[str, object]) -> InputTexts:
    """A text for each input, without differences of case and white space; a picture is its digest."""
    values = cast("Mapping[str, Json]", with_digests(normalized_inputs(declaration, inputs))).values()
    return tuple((value if isinstance(value, str) else dumps(value)).casefold() for value in values)


def group_texts(declaration: Declaration, inputs: Mapping[str, object]) -> InputTexts:
    """What examples of one group have in common: their pictures, whatever is asked about them, otherwise all inputs."""
    if not any(parameter.has_images for parameter in declaration.parameters):
        return input_texts(declaration, inputs)
    texts = [text for _, text in iter_texts(normalized_inputs(declaration, inputs))]
    return (" ".join(map(picture_digest, filter(is_url, texts))) or dumps(texts),)


def is_url(text: str) -> bool:
    return text.startswith("data:image/")


def picture_digest(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()


def with_digests(value: Json) -> Json:
    """The value with the digest of each picture in place of its data URL."""
    for path, text in iter_texts(value):
        if is_url(text):
            value = with_value(value, path, picture_digest(text))
    return value


def shingles(text: str) -> Shingles:
    """The groups of letters of a text; a shorter text is one group. Interned, since rows share most of them: 1,200 rows
    with a list of devices take 20 MB instead of 42.
    """
    return frozenset(intern(text[start : start + LETTERS]) for start in range(max(len(text) - LETTERS, 0) + 1))


def similarity(one: Shingles, other: Shingles) -> float:
    """The Jaccard index: 1 for equal sets, 0 for disjoint ones."""
    return len(one & other) / len(one | other)


@dataclass(frozen=True)
class NearInputs:
    """Rows that can be searched for those nearly equal to another one."""

    rows: Sequence[tuple[Shingles, ...]]
    column: int  # the input that tells rows apart best
    frequency: Counter[str]
    index: Mapping[str, Sequence[int]]

    @classmethod
    def of(cls, texts: Iterable[InputTexts]) -> "NearInputs":
        every = list(texts)
        rows = [tuple(map(shingles, each)) for each in every]
        column = telling_column(every)
        frequency = Counter(group for row in rows for group in row[column])
        index: defaultdict[str, list[int]] = defaultdict(list)
        for number, row in enumerate(rows):
            for group in rarest(row[column], frequency):
                index[group].append(number)
        return cls(rows, column, frequency, index)

    def near(self, texts: InputTexts) -> Iterator[int]:
        """Numbers of the rows that are nearly equal to these inputs, in no order."""
        groups = rarest(shingles(texts[self.column]), self.frequency) if texts else ()
        candidates = {number for group in groups for number in self.index.get(group, ())}
        wanted = tuple(map(shingles, texts)) if candidates else ()
        for number in candidates:
            if all(similarity(*pair) >= SIMILARITY for pair in zip(wanted, self.rows[number], strict=True)):
                yield number


def telling_column(texts: Sequence[InputTexts]) -> int:
    """The input by which rows are searched: the shortest of those that tell them apart nearly as well as the best."""
    columns = list(zip(*texts, strict=True))
    distinct = [len(set(column)) for column in columns]
    good = [number for number, count in enumerate(distinct) if count >= 0.9 * max(distinct)]
    return min(good, key=lambda number: sum(map(len, columns[number])), default=0)


def rarest(groups: Shingles, frequency: Counter[str]) -> list[str]:
    """So many of the rarest groups that a nearly equal text shares at least one of its own rarest with them."""
    ranked = sorted(groups, key=lambda group: (frequency[group], group))
    return ranked[: floor((1 - SIMILARITY) * len(ranked) + 1e-9) + 1]


def group_numbers(texts: Sequence[InputTexts]) -> list[int]:
    """A number for each row: rows that are nearly equal, directly or through others, have the same one."""
    near, parents = NearInputs.of(texts), list(range(len(texts)))

    def root(number: int) -> int:
        while parents[number] != number:
            parents[number] = parents[parents[number]]
            number = parents[number]
        return number

    for number, each in enumerate(texts):
        for other in near.near(each):
            low, high = sorted((root(number), root(other)))
            parents[high] = low
    return [root(number) for number in range(len(texts))]
