"""A task that a tiny model answers wrongly until it is adapted: its folder, its rows, and examples to learn."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plait.core.prompting.example_rows import Example
from tests.support.tiny_llama import TinyLlama

LEAVES = '''from typing import Literal
from plait import task

@task
def leaves(tree: str) -> Literal[
    "dark red before they fall in the last week of the month",
    "pale green on both sides when the first frost comes down",
    "as yellow as butter and then brown at their outer edges",
    "blue in the morning and grey when it begins to rain hard",
]:
    """Which colour have the leaves of {tree}?"""
    ...
'''
ANSWERS = tuple(
    line.strip().strip('",') for line in LEAVES.splitlines() if line.startswith('    "') and '"""' not in line
)
WORDS = ("apple", "stone", "house", "river", "cloud", "paper", "glass", "table", "horse", "night")
SETTINGS = '[recording]\nall = true\n\n[models.tiny]\npath = "{file}"\ncontext = 512\n'


@dataclass(frozen=True)
class ImprovableTask:
    """The task `leaves` in a folder of its own. `answer` is right for every input; the model never gives it."""

    task: Any
    answer: str

    def hold_out(self, count: int = 24) -> None:
        rows = [
            {"tree": f"the {WORDS[n % 10]} of {WORDS[-n % 10]} {n * 31}", "answer": self.answer, "half": str(n % 2)}
            for n in range(count)
        ]
        Path("held_out").mkdir(exist_ok=True)
        Path("held_out/leaves.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    def add_examples(self, count: int = 20) -> None:
        for tree in trees(count):
            self.task.examples.store.add(Example({"tree": tree}, self.answer))


def trees(count: int) -> list[str]:
    return [f"{WORDS[n % 10]} {WORDS[n // 10 + 3]} {n * 977}" for n in range(count)]


def improvable_task(load_source: Any, folder: Path) -> ImprovableTask:
    """The task, with a model that starts in half a second. The working folder is `folder`."""
    file = TinyLlama(tensor_type="Q8_0", sharpness=4.0).write(folder / "tiny.gguf")
    (folder / "plait.toml").write_text(SETTINGS.format(file=file))
    task = load_source(LEAVES, "leaves", "leaves.py")
    usual = task.using("tiny", shots=0)(tree="a tree")
    return ImprovableTask(task, next(answer for answer in ANSWERS if answer != usual))
