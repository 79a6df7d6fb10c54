"""Evaluation of the unified model: the suite `unified`, whose questions are generated, with baselines and metrics."""
