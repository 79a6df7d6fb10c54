"""A value or nothing: `X | None`."""
