from plait.core import grammar as g
from plait.core.candidates import labels
from plait.core.kinds import Beside
from plait.modalities.ref.value import Reference


def grammar(kind: Reference, beside: Beside) -> g.Grammar:
    candidates = beside.candidates.get(kind.path, ())
    return g.Reference(labels(candidates) if beside.named else tuple(range(len(candidates))))
