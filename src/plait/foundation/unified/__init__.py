"""The unified model: an encoder-decoder for images and text, with its training, inference and evaluation."""
