"""Setting lines on a page of plain text. A Chinese character takes two columns, as in a terminal or a till."""

from random import Random
from unicodedata import east_asian_width


def stack(*parts: str | list[str] | None) -> str:
    """Paragraphs and lines from top to bottom; None and empty lists leave no gap, "" is a blank line."""
    lines = []
    for part in parts:
        lines += part if isinstance(part, list) else [] if part is None else [part]
    return "\n".join(line.rstrip() for line in "\n".join(lines).splitlines()).strip("\n")


def columns(rows: list[list[str]], sides: str, gap: int = 2) -> list[str]:
    """Rows as a table; `sides` has one letter a column: "l" or "r"."""
    widths = [max(width(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [(" " * gap).join(map(pad, row, widths, sides)).rstrip() for row in rows]


def ragged(rows: list[list[str]], rng: Random) -> list[str]:
    """Rows as a PDF reader leaves them: cells kept apart, columns only nearly kept."""
    widths = [max(width(cell) for cell in column) + 1 for column in zip(*rows, strict=True)]
    return ["".join(pad(cell, wide + rng.randint(1, 4), "l") for cell, wide in zip(row, widths, strict=True)).rstrip()
            for row in rows]  # fmt: skip


def spread(left: str, right: str, wide: int, fill: str = " ") -> str:
    """Left words at the left edge, right words at the right edge, at least two signs apart."""
    return left + fill * max(2, wide - width(left) - width(right)) + right


def centred(text: str, wide: int) -> str:
    return " " * max(0, (wide - width(text)) // 2) + text


def side_by_side(left: list[str], right: list[str], gap: int = 4) -> list[str]:
    """Two blocks side by side, as a PDF reader joins a letterhead and its details."""
    height = max(len(left), len(right))
    rows = zip(left + [""] * (height - len(left)), right + [""] * (height - len(right)), strict=True)
    wide = max(width(line) for line in left) + gap
    return [(pad(here, wide, "l") + there).rstrip() for here, there in rows]


def pad(text: str, wide: int, side: str) -> str:
    space = " " * max(0, wide - width(text))
    return text + space if side == "l" else space + text


def width(text: str) -> int:
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)
