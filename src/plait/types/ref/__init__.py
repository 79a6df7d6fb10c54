"""One of the objects that were passed in, and nothing else."""
