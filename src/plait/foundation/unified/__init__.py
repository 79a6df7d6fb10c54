"""The unified model: one encoder-decoder for pictures and text, with all that trains, runs and measures it."""
