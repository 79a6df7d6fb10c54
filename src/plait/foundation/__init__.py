"""Layer 1: data, the unified model, training, generation, evaluation. Tensors live here and nowhere above."""
