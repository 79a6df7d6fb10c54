"""Rows of a list added and dropped without JavaScript: two submit buttons, answered with the form changed."""

from collections.abc import Sequence

from plait.core.values.forms import Fields

ADD, DROP = "_add", "_drop"


def edited(fields: Fields) -> Fields | None:
    """The form with one more blank row, or one less; None where the form was sent to be answered."""
    added, dropped = fields.many(ADD), fields.many(DROP)
    if added:
        return with_blank_row(without(fields, [ADD]), added[-1])
    if dropped:
        return without_row(without(fields, [DROP]), dropped[-1])
    return None


def with_blank_row(fields: Fields, name: str) -> Fields:
    """A list that was empty is shown with one blank row already: adding to it makes two."""
    taken = [int(row.rpartition(".")[2]) for row in fields.rows(name)] or [0]
    rows = {f"{name}.{number}": [""] for number in (*taken, max(taken) + 1) if not fields.has(f"{name}.{number}")}
    return Fields({**fields.sent, **rows})


def without_row(fields: Fields, row: str) -> Fields:
    name, _, number = row.rpartition(".")
    left = without(fields, fields.below(row))
    kept = [each for each in left.many(f"{name}._kept") if each != number]
    return Fields({**without(left, [f"{name}._kept"]).sent, **({f"{name}._kept": kept} if kept else {})})


def without(fields: Fields, names: Sequence[str]) -> Fields:
    gone = set(names)
    return Fields({name: texts for name, texts in fields.sent.items() if name not in gone})
