"""The pages that any task is shown in: what follows from a declaration for the eye and the hand."""
