"""The endpoints that OpenAI's clients know: what Plait does not honour is refused by its name, never ignored.

parameters.py        the parameters of theirs that only take what changes nothing
chat.py              what a chat request says
completion.py        what a completion request says: a raw prompt
response_format.py   what its answer is held to
responses.py         answers in their words, whole and in chunks
routes.py            /v1/chat/completions, /v1/completions, /v1/models
openapi.py           their part of the OpenAPI document
"""
