"""The task that `benchmarks/gateway.py` serves: a text as long as the token limit allows."""

from plait import task


@task
def carry_on(beginning: str) -> str:
    """Tell a long story in many chapters that begins with: {beginning}"""
    ...
