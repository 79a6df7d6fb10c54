"""The settled part of an answer that is still being written: items of a JSON list, trimmed text."""


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
    """Strips surrounding white space from a text that arrives in pieces; it is held back until more follows."""

    def __init__(self) -> None:
        self.pending: str = ""
        self.has_text = False

    def feed(self, text: str) -> str:
        known = self.pending + text if self.has_text else text.lstrip()
        sure = known.rstrip()
        self.has_text = self.has_text or bool(sure)
        self.pending = known[len(sure) :]
        return sure
