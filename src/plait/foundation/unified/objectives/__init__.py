"""What the unified model is trained on: batches, losses, probes."""
