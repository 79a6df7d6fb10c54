"""The engine of the unified model, which Plait trains itself. torch runs it in a child process.

config.py           Config: the table of plait.toml; the weights that ship with Plait
child.py            the worker process: loads the weights, reads requests, answers them in batches
request_queue.py    in the worker: waiting requests, taken by the batch
messages.py         requests and responses in the pipe between both processes
process.py          the parent's side: sends requests, hands out results by their number
engine.py           UnifiedEngine: answers the tasks that the weights were trained on; no torch on this side
"""
