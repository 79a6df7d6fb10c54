"""Chinese has no spaces between words: each Han character stands as a word of its own."""

import re

HAN = re.compile(r"([\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")


def space_han(text: str) -> str:
    return HAN.sub(r" \1 ", text)
