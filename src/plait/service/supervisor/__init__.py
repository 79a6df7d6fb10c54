"""Child processes of engines, and who may use them."""
