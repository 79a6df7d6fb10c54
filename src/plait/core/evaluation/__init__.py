"""How good a task is: scores from its answer type, beside trivial baselines, with intervals."""
