"""Layer 2: engines, models, and the ways to them."""
