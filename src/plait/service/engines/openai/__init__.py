"""Models on OpenAI-compatible servers, named by `url` in plait.toml.

config.py           Config: the table of plait.toml
request.py          a conversation as the body of a request; a grammar as JSON Schema
capabilities.py     what the server supports, learned from its errors: parameters, structured output modes
retries.py          retries before the first byte: no connection, too many requests, a server that starts
stream.py           server-sent events as text deltas, bounded; a stream that ends early is an error
json_wrapping.py    removes the JSON object or the code fence that a server writes around an answer
reasoning.py        removes <think>...</think> before an answer
unwrapping.py       both in one pass over the text deltas
refusals.py         converts a server's error responses to Plait's errors, quoting the server's message
engine.py           OpenAI: a ChatModel, constrained by a JSON Schema as far as the server supports it
doctor.py           checks of `plait doctor`
"""
