"""Values: the protocol of a value type, inputs, JSON, form fields."""
