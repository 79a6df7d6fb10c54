"""The prompt of a chat model, built from a task and its examples."""
