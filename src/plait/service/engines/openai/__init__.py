"""Models of other people's servers: whatever speaks OpenAI's chat completions, named by `url` in plait.toml.

request.py     a conversation as the body of a request; a grammar as JSON Schema
ability.py     what this server turned out to take, remembered: how it is held to a type, which parameters it knows
retries.py     asking again before the first byte: no connection, too many requests, a server that starts
stream.py      server-sent events as pieces, bounded; what ends in the middle is an error
wrapping.py    the answer inside what a server must write around it: an object, a fence
refusals.py    what a server refuses, in its own words, as our errors
engine.py      OpenAI: chats, held to a schema as far as the server can
"""

from plait.service.engines.openai.engine import OpenAI as OpenAI
