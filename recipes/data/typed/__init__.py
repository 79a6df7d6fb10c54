"""Modules of the recipe `typed_mixture`: many small typed tasks, each with generated rows."""
