"""The thread: what a task is, and all that follows from it without weights."""
