"""Modules of the recipe `cited_answer`: passages with questions, generation of rows."""
