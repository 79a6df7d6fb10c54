"""How good the unified model is: the measures of the field, and the suite `unified`, whose items are made, not kept."""
