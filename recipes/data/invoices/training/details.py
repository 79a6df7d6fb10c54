"""Parts with the number and the date of a training invoice, among other numbers and dates. Each returns lines."""

from invoices.training.sheet import Sheet
from invoices.typesetting import columns


def colons(sheet: Sheet) -> list[str]:
    return [f"{label}{sheet.colon}{value}" for label, value in sheet.details()]


def dots(sheet: Sheet) -> list[str]:
    fill, size = sheet.pick(".", "_", " .", "·"), sheet.rng.randint(12, 22)
    return [f"{label} {(fill * size)[: max(3, size - len(label))]} {value}" for label, value in sheet.details()]


def tabs(sheet: Sheet) -> list[str]:
    return [f"{label}\t{value}" for label, value in sheet.details()]


def stacked(sheet: Sheet) -> list[str]:
    """The value below its label."""
    return [line for pair in sheet.details(2) for line in pair]


def header_row(sheet: Sheet) -> list[str]:
    """A table of one row."""
    labels, values = zip(*sheet.details(2), strict=True)
    separator = sheet.pick("", "", " | ", "\t")
    if separator:
        return [separator.join(labels), separator.join(values)]
    return columns([list(labels), list(values)], "l" * len(labels), gap=sheet.rng.randint(2, 5))


def one_line(sheet: Sheet) -> list[str]:
    return [
        sheet.pick(" | ", " · ", ", ", "   ", " / ", "; ").join(
            f"{label}{sheet.colon}{value}" for label, value in sheet.details(2)
        )
    ]


def pairs_in_columns(sheet: Sheet) -> list[str]:
    """Two labels with their values in each line."""
    cells = [f"{label}{sheet.colon}{value}" for label, value in sheet.details()]
    return ["    ".join(cells[start : start + 2]) for start in range(0, len(cells), 2)]


def title_line(sheet: Sheet) -> list[str]:
    """Heading, number and date as one title, other details below."""
    heading, number = sheet.word("heading"), sheet.bill.number
    of = {"en": (" of ", ", ", " dated ", " / "), "de": (" vom ", ", ", " / "), "zh": ("　", " ", "，")}[
        sheet.fmt.language
    ]
    title = (
        f"{heading} {sheet.pick('', '', '#', 'Nr. ' if sheet.fmt.language == 'de' else 'No. ')}{number}"
        if number
        else heading
    )
    known = (number, sheet.issued)
    others = [f"{label}{sheet.colon}{value}" for label, value in sheet.details(2) if value not in known]
    return [title + (sheet.pick(*of) + sheet.issued if sheet.issued else ""), *others]


def equations(sheet: Sheet) -> list[str]:
    equals = sheet.pick("=", " = ", " => ")
    return [f"{label.lower()}{equals}{value}" for label, value in sheet.details()]


def brackets(sheet: Sheet) -> list[str]:
    left, right = (
        sheet.rng.choice(("[]", "()", "<>", "【】"))
        if sheet.fmt.language == "zh"
        else sheet.rng.choice(("[]", "()", "{}"))
    )
    return [" ".join(f"{left}{label} {value}{right}" for label, value in sheet.details(2))]


def tight(sheet: Sheet) -> list[str]:
    """Without spaces, as some scanners read."""
    return [sheet.pick(";", " ", "|").join(f"{label.replace(' ', '')}:{value}" for label, value in sheet.details(2))]


def bullets(sheet: Sheet) -> list[str]:
    mark = sheet.pick("- ", "* ", "• ", "> ")
    return [f"{mark}{label}{sheet.colon}{value}" for label, value in sheet.details()]
