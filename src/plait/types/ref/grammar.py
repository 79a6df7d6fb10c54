from plait.core.grammar import ast as g
from plait.core.task.candidates import labels
from plait.core.values.value_type import CallContext
from plait.types.ref.value import Reference


def grammar(kind: Reference, beside: CallContext) -> g.Grammar:
    candidates = beside.candidates.get(kind.path, ())
    return g.Reference(labels(candidates) if beside.by_name else tuple(range(len(candidates))))
