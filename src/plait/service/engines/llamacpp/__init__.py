"""GGUF models run by llama.cpp, in a process of its own.

config.py      Config: the table of plait.toml; the embedded model
child.py       the process: loads the model, listens on loopback with a random key, ends with its parent
process.py     the parent's side: starts the process and connects to it
template.py    a conversation as tokens: control tokens come from the chat template only
adapters.py    LoRA adapters: checked before they are loaded, chosen by each request
completion.py  requests to llama.cpp's /completion, and the events of its answers
slots.py       SlotPool: a request continues only a prompt of its own owner
engine.py      LlamaCpp: chat and completion, constrained by a grammar; AdaptedModel: the same with an adapter
"""
