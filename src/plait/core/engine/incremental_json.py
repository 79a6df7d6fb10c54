"""What is already sure of an answer while it is being written: the items of a JSON list, the middle of a text."""


class ItemScanner:
    """Fed the text of a list piece by piece, gives out the text of each item once, in linear time."""

    def __init__(self) -> None:
        self.depth = 0
        self.in_string = self.escaped = False
        self.item: list[str] = []

    def feed(self, text: str) -> list[str]:
        return [item for character in text if (item := self.step(character))]

    def step(self, character: str) -> str:
        """The item that this character ends; empty where none does."""
        if self.in_string:
            self.inside_string(character)
        elif character == '"':
            self.in_string = True
        elif character in "[{":
            self.depth += 1
            if self.depth == 1:
                return ""
        elif character in "]}":
            self.depth -= 1
            if self.depth == 0:
                return self.taken()
        elif character == "," and self.depth == 1:
            return self.taken()
        self.item.append(character)
        return ""

    def inside_string(self, character: str) -> None:
        if self.escaped:
            self.escaped = False
        elif character == "\\":
            self.escaped = True
        elif character == '"':
            self.in_string = False

    def taken(self) -> str:
        text, self.item = "".join(self.item).strip(), []
        return text


class Trimmer:
    """Fed a text piece by piece, gives it out without the white space around it: held back until more follows."""

    def __init__(self) -> None:
        self.held: str = ""
        self.begun = False

    def feed(self, text: str) -> str:
        known = self.held + text if self.begun else text.lstrip()
        sure = known.rstrip()
        self.begun = self.begun or bool(sure)
        self.held = known[len(sure) :]
        return sure
