"""Messages written by hand, one by one: longer, less direct and less tidy than any that the frames put together.

What the rules of docs/data/sort_message.md say of each was decided by hand. They stand in by_hand_*.txt, in this form:

    == split label urgency | summary
    the message
"""

import re
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
FILES = {"en": HERE / "by_hand_english.txt", "zh": HERE / "by_hand_chinese.txt"}
FORM = re.compile(r"(seeds|held-out) (\w+) (low|normal|high) \| (.+)\n(.+)")


@dataclass(frozen=True)
class HandwrittenMessage:
    split: str
    label: str
    urgency: str
    summary: str
    message: str


def by_hand(language: str) -> list[HandwrittenMessage]:
    """Raises ValueError where a block does not have its form."""
    blocks = FILES[language].read_text("utf-8").removeprefix("== ").split("\n== ")
    return [parse_message(block.strip()) for block in blocks]


def parse_message(block: str) -> HandwrittenMessage:
    if not (read := FORM.fullmatch(block)):
        raise ValueError(f"no message: {block}")
    return HandwrittenMessage(*read.groups())
