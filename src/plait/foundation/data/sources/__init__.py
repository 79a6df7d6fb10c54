"""The user's own data: rows of a file, each with an image and the right answer, checked before training."""
