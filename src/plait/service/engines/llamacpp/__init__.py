"""GGUF models run by llama.cpp, in a process of its own.

config.py      Config: the table of plait.toml; the embedded model
child.py       the process: loads the model, listens on loopback with a random key, ends with its parent
process.py     the parent's side: starts it, knows when it died, starts it again
template.py    a conversation as tokens: control tokens are the template's alone
engine.py      LlamaCpp: chats, held to a grammar
"""
