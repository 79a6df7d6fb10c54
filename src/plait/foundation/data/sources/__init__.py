"""The user's own data: the rows of a file, each with its picture and its right answer, checked before training."""
