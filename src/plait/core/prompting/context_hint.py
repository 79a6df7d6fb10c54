"""How much of a prompt that is too long would fit: said by the list that makes it long."""

from collections.abc import Mapping
from typing import cast

from plait.core.errors import ContextTooLong
from plait.core.prompting.prompt import Prompt
from plait.core.task.declaration import Declaration, Slot
from plait.core.values.value_type import written

NONE = (0, "", 0)
MOST = 0.5  # of the prompt's characters: a list below that is not what makes it long


def with_counts(
    error: ContextTooLong, declaration: Declaration, inputs: Mapping[str, object], words: Prompt
) -> ContextTooLong:
    """The error with a way out that tells how many items of the longest list were passed, and about how many fit.

    Tokens are shared out by characters, so the count is a few per cent off; what has no list is left as it is.
    """
    given = given_lists(declaration, inputs)
    sizes = ((len(written(slot.kind, items)), slot.name, len(items)) for slot, items in given)
    size, name, count = max(sizes, default=NONE)
    share = size / max(1, size, sum(len(message.content) for message in words.messages))
    if share < MOST or not error.tokens:
        return error
    fit = int(count * max(0.0, error.limit - error.tokens * (1 - share)) / (error.tokens * share))
    return ContextTooLong(
        error.message,
        tokens=error.tokens,
        limit=error.limit,
        way_out=f"{count} {name} were passed; about {fit} fit. Pass fewer, or use a model with a longer context "
        "(plait models)",
    )


def given_lists(declaration: Declaration, inputs: Mapping[str, object]) -> list[tuple[Slot, list[object]]]:
    found = [(slot, inputs[slot.name]) for slot in declaration.slots]
    return [(slot, cast("list[object]", items)) for slot, items in found if slot.kind.name == "list" and items]
