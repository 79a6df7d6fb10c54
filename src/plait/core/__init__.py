"""Core: what a task is, and everything derived from it without model weights."""
