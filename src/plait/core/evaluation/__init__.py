"""Evaluation of a task: scores derived from the answer type, with baselines and confidence intervals."""
