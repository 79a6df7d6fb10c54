"""Grammars without the parts that no answer can have: references to empty lists, quotations without a candidate,
recursion beyond its depth.
"""

from plait.core.grammar import ast as g


def prune_impossible(grammar: g.Grammar) -> g.Grammar | None:
    """The grammar without impossible parts: an empty reference, or a quotation without a candidate, removes everything
    that requires it.
    """
    match grammar:
        case g.Reference(()) | g.Choice(()):
            return None
        case g.WordRun():
            return None if grammar.is_empty else grammar
        case g.Choice(options):
            pruned = tuple(reduced for option in options if (reduced := prune_impossible(option)) is not None)
            return g.Choice(pruned) if pruned else None
        case g.Object(parts, optional):
            fields = [(name, prune_impossible(inner)) for name, inner in parts]
            kept_fields = tuple((name, inner) for name, inner in fields if inner is not None)
            dropped = {name for name, inner in fields if inner is None}
            return g.Object(kept_fields, optional - dropped) if dropped <= optional else None
        case g.Array(item, minimum, maximum):
            reduced = prune_impossible(item)
            if reduced is None:
                return g.Array(g.Literal(None), 0, 0) if minimum == 0 else None
            return g.Array(reduced, minimum, maximum)
        case g.Tuple(items):
            kept = tuple(whole for item in items if (whole := prune_impossible(item)) is not None)
            return g.Tuple(kept) if len(kept) == len(items) else None
        case g.Map(key, value, minimum, maximum):
            reduced = prune_impossible(value)
            if reduced is None:
                return g.Object(()) if minimum == 0 else None
            return g.Map(key, reduced, minimum, maximum)
        case _:
            return grammar
