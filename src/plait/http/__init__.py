"""HTTP: task endpoints, event streams, pages; guarded at the door."""
