"""The unified model that Plait trains itself, run by torch in a process of its own.

child.py       the process: loads the weights, reads questions, answers those that are there together
batching.py    within it: what waits for an answer, taken by the batch
messages.py    what goes through the pipe between both sides
process.py     the parent's side: a question in, its answer out, each by its number
engine.py      Native: answers the tasks that the weights were trained on; no torch on this side
"""

from plait.service.engines.unified.engine import UnifiedEngine as UnifiedEngine
