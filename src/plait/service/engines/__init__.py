"""One folder per engine; none knows another."""
