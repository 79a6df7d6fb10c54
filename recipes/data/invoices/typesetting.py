"""Plain-text typesetting in fixed-width columns. A Chinese character takes two columns, as in a terminal."""

from random import Random
from unicodedata import east_asian_width


def stack(*parts: str | list[str] | None) -> str:
    """Joins paragraphs and lines; None and empty lists are skipped, "" is a blank line."""
    lines = []
    for part in parts:
        lines += part if isinstance(part, list) else [] if part is None else [part]
    return "\n".join(line.rstrip() for line in "\n".join(lines).splitlines()).strip("\n")


def columns(rows: list[list[str]], sides: str, gap: int = 2) -> list[str]:
    """Rows as a table; `sides` has the alignment of each column: "l" or "r"."""
    widths = [max(width(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [(" " * gap).join(map(pad, row, widths, sides)).rstrip() for row in rows]


def ragged_columns(rows: list[list[str]], rng: Random) -> list[str]:
    """Rows as extracted from a PDF: cells separated by spaces, columns only roughly aligned."""
    widths = [max(width(cell) for cell in column) + 1 for column in zip(*rows, strict=True)]
    return [
        "".join(pad(cell, size + rng.randint(1, 4), "l") for cell, size in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def justify(left: str, right: str, line_width: int, fill: str = " ") -> str:
    """Left and right text at the edges of the line, at least two characters apart."""
    return left + fill * max(2, line_width - width(left) - width(right)) + right


def center(text: str, line_width: int) -> str:
    return " " * max(0, (line_width - width(text)) // 2) + text


def side_by_side(left: list[str], right: list[str], gap: int = 4) -> list[str]:
    """Two blocks side by side, as a PDF reader joins letterhead and invoice details."""
    height = max(len(left), len(right))
    rows = zip(left + [""] * (height - len(left)), right + [""] * (height - len(right)), strict=True)
    line_width = max(width(line) for line in left) + gap
    return [(pad(left_line, line_width, "l") + right_line).rstrip() for left_line, right_line in rows]


def pad(text: str, line_width: int, side: str) -> str:
    space = " " * max(0, line_width - width(text))
    return text + space if side == "l" else space + text


def width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
