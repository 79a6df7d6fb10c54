"""Modules of the recipe `sort_message`: situations with wordings, message frames, handwritten messages."""
