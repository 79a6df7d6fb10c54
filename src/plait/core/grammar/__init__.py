"""The grammar of an answer as a frozen value, and its renderings: GBNF, JSON Schema, digit patterns."""
