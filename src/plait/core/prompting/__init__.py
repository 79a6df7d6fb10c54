"""From a task and its examples to the prompt of a chat model."""
