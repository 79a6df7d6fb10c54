"""Texts on which tokenizers are compared: words, scripts, white space, control tokens, and characters of all planes."""

import random
import unicodedata
from collections.abc import Callable

COUNT = 10_000
CONTROL_TOKENS = ("<|im_start|>", "<|im_end|>", "<|endoftext|>", "<repo_name>", "<|im_end", "im_start|>", "<|IM_END|>")
ENGLISH = (
    "the", "The", "invoice", "Kitchen", "don't", "we'll", "I'VE", "it's", "they're", "naïve", "x86-64", "HTTP/1.1",
    "e-mail", "snake_case", "CamelCase", "ain't", "O'Neill", "3rd", "U.S.A.", "café", "l'été", "Straße", "don’t",
)  # fmt: skip
CHINESE = "把卧室的灯调暗一点请打开客厅空调发票总额为元龘靐䲜二〇二六年五月三日，。！？：“”（）、"
SCRIPTS = "こんにちは世界안녕하세요Приветмирγειάσουשָׁלוֹםمرحباनमस्तेสวัสดีខ្មែរአማርኛԲարեւ"
SYMBOLS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~€£¥§©®°±×÷“”‘’…–—•→∑√∞≠≤½²③Ⅳ"
EMOJI = ("🙂", "👩‍👩‍👧", "🇩🇪", "👍🏽", "❤️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "☎", "1️⃣")
SPACES = (
    " ",
    "  ",
    "   ",
    "\n",
    "\n\n",
    "\r\n",
    "\t",
    "\u00a0",
    "\u3000",
    "\u2009",
    "\u200b",
    "\u0085",
    "\u2028",
    "\x0b",
    "\x0c",
)
NUMBERS = ("0", "7", "42", "1,234.56", "2026-05-03", "03.05.2026", "1e-9", "٣٤", "１２３", "૪", "Ⅻ", "1000000")
RARE_BYTES = "\x00\x01\x04\x06\x13\x14\x16\x1d\x1e\x7f\x80\x9f"


def tokenizer_texts() -> list[str]:
    """The same 10,000 texts on every machine."""
    source = random.Random(15)
    return [random_text(source) for _ in range(COUNT)]


def random_text(source: random.Random) -> str:
    return "".join(source.choice(PARTS)(source) for _ in range(source.choice((1, 2, 4, 8, 16, 32))))


def words(source: random.Random) -> str:
    return " ".join(source.choices(ENGLISH, k=source.randint(1, 6)))


def characters(alphabet: str) -> Callable[[random.Random], str]:
    return lambda source: "".join(source.choices(alphabet, k=source.randint(1, 6)))


def one_of(texts: tuple[str, ...]) -> Callable[[random.Random], str]:
    return lambda source: source.choice(texts)


def any_character(source: random.Random) -> str:
    """A character that every current table of Unicode knows: of version 11 at the latest."""
    while True:
        character = chr(source.choice((source.randrange(0x3000), source.randrange(0x20000))))
        if unicodedata.ucd_3_2_0.category(character) not in ("Cn", "Cs", "Co"):
            return character


PARTS = (
    words,
    words,
    characters(CHINESE),
    characters(SCRIPTS),
    characters(SYMBOLS),
    characters(RARE_BYTES),
    one_of(EMOJI),
    one_of(SPACES),
    one_of(SPACES),
    one_of(NUMBERS),
    one_of(CONTROL_TOKENS),
    any_character,
)
