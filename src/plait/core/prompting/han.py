"""Han characters as words: Chinese has no spaces between words, so each character counts as one."""

import re

HAN = re.compile(r"([\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")


def space_han(text: str) -> str:
    return HAN.sub(r" \1 ", text)
