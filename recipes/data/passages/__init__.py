"""The parts of the recipe `cited_answer`: passages with their questions, and how rows are put together."""
