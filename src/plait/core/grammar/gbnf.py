"""GBNF renderer, llama.cpp's grammar notation: compact JSON, keys in order, no white space.

Source: ggml-org/llama.cpp, grammars/README.md. A stand-alone text (a task that returns `str`) is written bare, without
quotes, until the model ends it.
"""

from dataclasses import dataclass

from plait.core.grammar import numbers
from plait.core.grammar.ast import (
    DATA_URL,
    Array,
    BinnedBox,
    Choice,
    DateTime,
    Grammar,
    ImageCodes,
    Integer,
    Literal,
    Map,
    Number,
    Object,
    Pattern,
    Reference,
    RegularExpression,
    Text,
    Tuple,
    WordRun,
)
from plait.core.grammar.spans import quote_literal, span_rules
from plait.core.values.json_text import dumps

# Characters of a JSON string: no raw quote, backslash or control character; the short escapes of JSON. A \u escape
# would admit lone surrogates, so every other character is written as itself.
CHARACTER = r'character ::= [^"\\\x00-\x1F\x7F-\x9F] | "\\" ["\\/nrt]'
YEAR = '[0-9] [0-9] [0-9] [1-9] | [0-9] [0-9] [1-9] "0" | [0-9] [1-9] "00" | [1-9] "000"'
# Years with a 29 February: divisible by 4, centuries only by 400 (Python has no year 0000).
QUADRENNIAL = '"0" [48] | [2468] [048] | [13579] [26]'
LEAP = '[0-9] [0-9] (quadrennial) | (quadrennial) "00"'
DATE = (
    'date ::= (year) "-" (("0" [13578] | "1" [02]) "-" ("0" [1-9] | [12] [0-9] | "3" [01]) | '
    '("0" [469] | "11") "-" ("0" [1-9] | [12] [0-9] | "30") | '
    '"02-" ("0" [1-9] | "1" [0-9] | "2" [0-8])) | (leap) "-02-29"'
)
TIME = 'time ::= ([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] ("." [0-9]{6})?'
RULES = {
    "character": CHARACTER,
    "date": DATE.replace("leap", LEAP.replace("quadrennial", QUADRENNIAL)).replace("year", YEAR),
    "time": TIME,
    "zone": 'zone ::= "Z" | ("+" | "-") ([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9]',
}
DATETIME_PATTERNS = {"date": "date", "time": "time", "datetime": 'date "T" time'}
ZONE_PATTERNS = {"never": "", "optional": " zone?", "required": " zone"}


def gbnf(grammar: Grammar) -> str:
    """The grammar as GBNF text for a decoder; its first rule is `root`."""
    spelling = GbnfRenderer({}, {})
    root = (
        spelling.bare_pattern(grammar) if isinstance(grammar, Text | RegularExpression) else spelling.pattern(grammar)
    )
    rules = [f"root ::= {root}", *(f"{name} ::= {body}" for body, name in spelling.rules.items())]
    rules += [rule for run, name in spelling.spans.items() for rule in span_rules(run, name)]
    return "\n".join([*rules, *(rule for name, rule in RULES.items() if any(name in line for line in rules))])


@dataclass(frozen=True)
class GbnfRenderer:
    """Renders patterns of values. Patterns used in several places, list items above all, become rules.

    `rules` are names by body, `spans` the names of the first rules of word runs.
    """

    rules: dict[str, str]
    spans: dict[WordRun, str]

    def pattern(self, grammar: Grammar) -> str:
        match grammar:
            case Literal(value):
                return quote_literal(dumps(value))
            case Choice(options):
                return f"({' | '.join(self.pattern(option) for option in options)})"
            case Object(parts, optional):
                return self.optional_fields_pattern(parts, optional) if optional else self.object_pattern(parts)
            case Array(item, minimum, maximum):
                return self.items_pattern("[]", self.pattern(item), minimum, maximum)
            case Tuple(items):
                return f'"[" {""" "," """.join(map(self.pattern, items))} "]"' if items else quote_literal("[]")
            case Map(key, value, minimum, maximum):
                return self.items_pattern("{}", f'{self.pattern(key)} ":" {self.pattern(value)}', minimum, maximum)
            case Reference(labels):
                return f"({' | '.join(quote_literal(dumps(label)) for label in labels)})"
            case WordRun():
                return self.spans.setdefault(grammar, f"words{len(self.spans)}")
            case Text(minimum, maximum):
                return rf'"\"" character{{{minimum},{maximum}}} "\""'
            case RegularExpression():
                return rf'"\"" {self.text_pattern(grammar, bare=False)} "\""'
            case Integer(minimum, maximum):
                return f"({numbers.integer_pattern(minimum, maximum)})"
            case Number(minimum, maximum, above, below):
                return f"({numbers.number_pattern(minimum, maximum, above, below)})"
            case Pattern(pattern):
                return rf'"\"" ({pattern}) "\""'
            case DateTime(form, zone):
                return rf'"\"" {DATETIME_PATTERNS[form]}{ZONE_PATTERNS[zone]} "\""'
            case BinnedBox(bins):  # the order of the corners is checked after decoding; a token automaton enforces it
                return self.pattern(Array(Integer(0, bins - 1), 4, 4))
            case ImageCodes():
                return self.pattern(DATA_URL)

    def bare_pattern(self, text: Text | RegularExpression) -> str:
        """Pattern of a stand-alone text, without quotes and escapes."""
        if isinstance(text, RegularExpression):
            return self.text_pattern(text, bare=True)
        return rf"[^\x00-\x08\x0B-\x1F\x7F-\x9F]{{{text.minimum},{text.maximum}}}"

    def text_pattern(self, pattern: RegularExpression, bare: bool) -> str:
        from plait.core.grammar.expression_gbnf import bounded_text_pattern  # few grammars have one

        return bounded_text_pattern(pattern, bare, self.rule_name)

    def object_pattern(self, parts: tuple[tuple[str, Grammar], ...]) -> str:
        if not parts:
            return quote_literal("{}")
        keys = [quote_literal(("," if index else "{") + dumps(name) + ":") for index, (name, _) in enumerate(parts)]
        fields = " ".join(f"{key} {self.pattern(inner)}" for key, (_, inner) in zip(keys, parts, strict=True))
        return f"{fields} {quote_literal('}')}"

    def optional_fields_pattern(self, parts: tuple[tuple[str, Grammar], ...], optional: frozenset[str]) -> str:
        """Pattern of an object with optional fields: one choice for each possible first field, commas before the later
        ones.
        """
        options: list[str] = []
        behind = ""  # the rule of all fields that follow a written one
        for name, inner in reversed(parts):
            field = self.rule_name(f"{quote_literal(dumps(name) + ':')} {self.pattern(inner)}")
            first = f"{field} {behind}".rstrip()
            options = [first, *options] if name in optional else [first]
            behind = self.rule_name(f'("," {field}){"?" if name in optional else ""} {behind}'.rstrip())
        all_optional = len(optional) == len(parts)
        return f'"{{" ({" | ".join(options)}){"?" if all_optional else ""} "}}"'

    def rule_name(self, body: str) -> str:
        """The name of the rule with that body; avoids writing a body more than once."""
        return self.rules.setdefault(body, f"item{len(self.rules)}")

    def items_pattern(self, brackets: str, pattern: str, minimum: int, maximum: int) -> str:
        """Pattern of items between brackets. The first item is separate because commas stand between items."""
        if maximum == 0:
            return quote_literal(brackets)
        item = self.rule_name(pattern)
        more = f'{item} ("," {item}){{{max(minimum, 1) - 1},{maximum - 1}}}'
        return f'"{brackets[0]}" ({more}){"?" if minimum == 0 else ""} "{brackets[1]}"'
