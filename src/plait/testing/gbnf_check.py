"""GBNF interpreter: decides whether a grammar admits a text, by the positions where each part may end.

The token probabilities of an answer are read with another one (`core.grammar.prefixes`, state by state): the two check
each other.
"""

from plait.core.grammar.gbnf_reading import (
    AlternationNode,
    CharacterClass,
    LiteralNode,
    Node,
    RepetitionNode,
    RuleReference,
    SequenceNode,
    matches,
    read_gbnf,
)


class GbnfGrammar:
    """Rules read from GBNF text. Raises GrammarSyntaxError."""

    def __init__(self, text: str) -> None:
        self.rules = read_gbnf(text)

    def admits(self, text: str) -> bool:
        """Whether `root` matches the whole text."""
        return len(text) in self.end_positions(RuleReference("root"), text, {0})

    def end_positions(self, node: Node, text: str, starts: set[int]) -> set[int]:
        """The positions where a match of the node may end that begins at one of `starts`."""
        match node:
            case LiteralNode(literal):
                return {start + len(literal) for start in starts if text.startswith(literal, start)}
            case CharacterClass():
                return {start + 1 for start in starts if start < len(text) and matches(node, text[start])}
            case RuleReference(name):
                return self.end_positions(self.rules[name], text, starts)
            case SequenceNode(parts):
                for part in parts:
                    starts = self.end_positions(part, text, starts) if starts else starts
                return starts
            case AlternationNode(options):
                return set().union(*(self.end_positions(option, text, starts) for option in options))
            case RepetitionNode():
                return self.repetition_ends(node, text, starts)

    def repetition_ends(self, node: RepetitionNode, text: str, starts: set[int]) -> set[int]:
        ends = set(starts) if node.minimum == 0 else set[int]()
        count = 0
        while starts and (node.maximum is None or count < node.maximum):
            count += 1
            starts = self.end_positions(node.node, text, starts)
            if count > node.minimum:
                starts = starts - ends
            if count >= node.minimum:
                ends |= starts
        return ends


def admits(gbnf: str, text: str) -> bool:
    return GbnfGrammar(gbnf).admits(text)
