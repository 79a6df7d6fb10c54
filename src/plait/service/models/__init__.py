"""The list of available models."""
