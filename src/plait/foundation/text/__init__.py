"""Decoder language models: from a GGUF file to a trainable model, and from its adapter back to a GGUF file.

tokenizer.py   TextTokenizer: token ids as llama.cpp has them
"""
