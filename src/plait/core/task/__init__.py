"""Declaration of a task: signature, instruction, options, and what is derived from them."""
