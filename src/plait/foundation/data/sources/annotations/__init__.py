"""Annotated pictures in the formats of other tools, and what tasks learn from them."""
