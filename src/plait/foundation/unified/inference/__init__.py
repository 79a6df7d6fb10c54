"""How a model is run on this machine (threads, precision, compiled or not), and what is fastest here.

precision.py   linear layers with weights in int8 or bf16
compiled.py    the layers that paint, compiled
workload.py    the requests to measure: questions of the suite, one of each task in turn
parity.py      whether another precision still answers the same
trial.py       a plan, how long it takes and how much it answers the same
benchmark.py   measures plans
optimize.py    entry point of `plait optimize`
"""
