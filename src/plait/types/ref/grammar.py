from plait.core.grammar import ast as g
from plait.core.task.candidates import labels
from plait.core.values.value_type import CallContext
from plait.types.ref.value import ReferenceType


def grammar(value_type: ReferenceType, context: CallContext) -> g.Grammar:
    candidates = context.candidates.get(value_type.path, ())
    return g.Reference(labels(candidates) if context.by_name else tuple(range(len(candidates))))
