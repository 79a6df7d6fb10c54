"""A grammar over a vocabulary: which tokens may follow, and what a token sequence means."""
