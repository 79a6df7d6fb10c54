"""The parts of the recipe `sort_message`: situations in several wordings, frames around them, handwritten messages."""
