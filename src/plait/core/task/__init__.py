"""Declaring a task: signature, instruction, options, and what follows from them."""
