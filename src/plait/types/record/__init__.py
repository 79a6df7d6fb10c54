"""A pydantic model: named fields in order."""
