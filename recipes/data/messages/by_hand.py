"""Handwritten messages: longer, less direct and less tidy than generated ones.

Label and urgency were assigned by hand by the rules of docs/data/sort_message.md. Format of by_hand_*.txt:

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


def handwritten_messages(language: str) -> list[HandwrittenMessage]:
    """Raises ValueError if a block does not match the format."""
    blocks = FILES[language].read_text("utf-8").removeprefix("== ").split("\n== ")
    return [parse_message(block.strip()) for block in blocks]


def parse_message(block: str) -> HandwrittenMessage:
    if not (match := FORM.fullmatch(block)):
        raise ValueError(f"does not match the format in the docstring of messages/by_hand.py: {block!r}")
    return HandwrittenMessage(*match.groups())
