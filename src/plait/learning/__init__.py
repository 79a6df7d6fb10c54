"""From use to a better model: examples become token rows, an adapter, a comparison, a promotion. No tensors here."""
