from typing import Any

from hypothesis import strategies as st
from pydantic import ValidationError

from plait.core.kinds import strategy_of
from plait.modalities.record.value import Record


def strategy(kind: Record) -> st.SearchStrategy[Any]:
    """Records that the model's own validators let pass."""
    fields = st.fixed_dictionaries({name: strategy_of(inner) for name, inner in kind.fields})
    return fields.map(lambda values: accepted(kind, values)).filter(lambda record: record is not None)


def accepted(kind: Record, values: dict[str, Any]) -> object | None:
    try:
        return kind.model.model_validate(values, by_name=True, by_alias=False)
    except ValidationError:
        return None
