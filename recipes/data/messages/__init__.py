"""The parts of the recipe `sort_message`: situations in several wordings, what stands around them, messages by hand."""
