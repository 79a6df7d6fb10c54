"""The settled part of an answer that is still being written: items of a JSON list, trimmed text, whole values."""

import re

from plait.core.values.json_text import parse_partial_json
from plait.core.values.json_value import Json
from plait.core.values.value_type import ValueType

BLANK_LINES = re.compile(r"(?:[^\S\n]*\n)+")
QUOTATION_MARK = re.compile(r'\\.|(")', re.DOTALL)
OPEN_NUMBER = re.compile(r"-?[0-9][0-9.eE+-]*$|-$")


def settled_json(text: str, answer: ValueType) -> Json:
    """The known part of a JSON text that is still growing; None if nothing is known.

    Texts grow; a number, a date or another value that means something else as long as it is incomplete is not shown.
    """
    if len([mark for mark in QUOTATION_MARK.findall(text) if mark]) % 2 == 0:
        return parse_partial_json(OPEN_NUMBER.sub("", text))
    growing = parse_partial_json(text)
    return parse_partial_json(text, open_strings=False) if last_type(growing, answer).is_atomic else growing


def last_type(json_value: Json, value_type: ValueType) -> ValueType:
    """The type of the value that was written last."""
    children = list(value_type.iter_json(json_value))
    return last_type(children[-1][2], children[-1][1]) if children else value_type


def trim(text: str) -> str:
    """The text without blank lines around it; spaces at its beginning stay."""
    return without_blank_lines(text).rstrip()


def without_blank_lines(text: str) -> str:
    match = BLANK_LINES.match(text)
    return text[match.end() :] if match else text


class ItemScanner:
    """Splits a JSON list that arrives in pieces into the texts of its items, each once, in linear time."""

    def __init__(self) -> None:
        self.depth = 0
        self.in_string = self.escaped = False
        self.item: list[str] = []

    def feed(self, text: str) -> list[str]:
        return [item for character in text if (item := self.feed_character(character))]

    def feed_character(self, character: str) -> str:
        """The item that this character completes; empty if it completes none."""
        if self.in_string:
            self.feed_string_character(character)
        elif character == '"':
            self.in_string = True
        elif character in "[{":
            self.depth += 1
            if self.depth == 1:
                return ""
        elif character in "]}":
            self.depth -= 1
            if self.depth == 0:
                return self.take_item()
        elif character == "," and self.depth == 1:
            return self.take_item()
        self.item.append(character)
        return ""

    def feed_string_character(self, character: str) -> None:
        if self.escaped:
            self.escaped = False
        elif character == "\\":
            self.escaped = True
        elif character == '"':
            self.in_string = False

    def take_item(self) -> str:
        text, self.item = "".join(self.item).strip(), []
        return text


class Trimmer:
    """Strips blank lines around a text that arrives in pieces; white space is held back until more follows."""

    def __init__(self) -> None:
        self.pending: str = ""
        self.has_text = False

    def feed(self, text: str) -> str:
        known = self.pending + text if self.has_text else without_blank_lines(self.pending + text)
        sure = known.rstrip()
        self.has_text = self.has_text or bool(sure)
        self.pending = known[len(sure) :]
        return sure
