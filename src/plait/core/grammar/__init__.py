"""The grammar of an answer as a frozen value, with its renderings: GBNF, JSON Schema, digit patterns."""
