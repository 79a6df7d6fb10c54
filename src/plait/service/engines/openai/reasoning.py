"""Removes `<think>...</think>` before an answer, which models that reason write into their text."""

OPENING = "<think>"
CLOSING = "</think>"
JSON_STARTS = frozenset('{["-0123456789`')  # first characters of JSON, and of a code fence around it
JSON_WORDS = ("true", "false", "null")


class ReasoningUnwrapper:
    """Holds reasoning back until it ends, and streams what follows. A text without an end of reasoning is unchanged.

    Some chat templates put the opening tag into the prompt, so that the text has the closing one alone. In an answer
    with `is_json`, every text that cannot be JSON may be such reasoning.
    """

    def __init__(self, *, is_json: bool) -> None:
        self.is_json = is_json
        self.buffer = ""
        self.is_answer = False

    def feed(self, text: str) -> str:
        self.buffer += text
        if not self.is_answer and CLOSING in self.buffer and self.may_be_reasoning:
            # The line breaks after the tag may come later, so they are removed with the first character of the answer.
            answer = self.buffer.partition(CLOSING)[2].lstrip("\r\n")
            self.is_answer, self.buffer = bool(answer), answer if answer else self.buffer
        elif not self.is_answer:
            self.is_answer = not self.may_be_reasoning
        return self.take_all() if self.is_answer else ""

    @property
    def may_be_reasoning(self) -> bool:
        start = self.buffer.lstrip()
        if OPENING.startswith(start[: len(OPENING)]):
            return True
        is_json_start = start[0] in JSON_STARTS or any(word.startswith(start[: len(word)]) for word in JSON_WORDS)
        return self.is_json and not is_json_start

    def take_all(self) -> str:
        text, self.buffer = self.buffer, ""
        return text

    def flush(self) -> str:
        """The text held back: empty if nothing follows the reasoning, all of it if the reasoning does not end."""
        if not self.is_answer and CLOSING in self.buffer and self.may_be_reasoning:
            self.buffer = ""
        return self.take_all()
