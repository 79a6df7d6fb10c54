"""Layer 2: the task catalog, engines, models, and the supervisor of their processes."""
