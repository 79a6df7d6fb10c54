"""A task file with three models whose confidence is known: `small` is right, and sure, about every "a"."""

import json
from collections.abc import Sequence
from pathlib import Path

ROUTE_TASKS = '''from math import log
from typing import Literal
from plait import task
from plait.core.engine.chat import ChatEngine
from plait.core.engine.protocol import Finish, TextDelta, TokenProbs, Usage

@task
def sort(text: str) -> Literal["a", "b"]:
    """Sort {text}."""
    ...

class Small:
    """Always answers "a", more surely where that is right."""
    name, digest, accepts, box_format = "small", "1", frozenset(), ""

    def answer(self, word):
        return "a", 0.95 if word.startswith("a") else 0.55

    async def chat(self, prompt, grammar, sampling):
        word = prompt.messages[-1].content.rpartition("Sort ")[2]
        text, sure = self.answer(word)
        for character in f'"{text}"':
            yield TextDelta(character, (TokenProbs(character.encode(), log(sure), ()),) if sampling.candidates else ())
        yield Finish(Usage(100, 3))

    async def aclose(self): ...

class Large(Small):
    """Is right, and says how sure it is."""
    name = "large"

    def answer(self, word):
        return word[0], 0.9

class Mute(Large):
    """Is right, and says nothing of its confidence: as a server without logprobs."""
    name = "mute"

    async def chat(self, prompt, grammar, sampling):
        yield TextDelta(f'"{prompt.messages[-1].content.rpartition("Sort ")[2][0]}"')
        yield Finish(Usage())

class Vain(Small):
    """As sure where it is wrong."""
    name = "vain"

    def answer(self, word):
        return "a", 0.9

sort.code_engines += [ChatEngine(each()) for each in (Small, Large, Mute, Vain)]
'''


def write_route_tasks(folder: Path, letters: str = "ab", count: int = 50) -> None:
    """The file sorting.py with held-out rows: `count` for each letter."""
    (folder / "sorting.py").write_text(ROUTE_TASKS)
    write_rows(
        folder / "held_out" / "sort.jsonl", [f"{letter}{number}" for number in range(count) for letter in letters]
    )


def write_rows(file: Path, words: Sequence[str]) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text("".join(json.dumps({"text": word, "answer": word[0]}) + "\n" for word in words))
