"""One of a few fixed values: `Literal` and `Enum`."""
