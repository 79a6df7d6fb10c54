"""Execution plans of a model on this machine (threads, precision, compilation), and the search for the fastest one.

precision.py   linear layers with weights in int8 or bf16
compiled.py    compilation of the decoder layers that generate images
workload.py    the requests to measure: questions of the suite, one of each task in turn
parity.py      comparison of the answers with those in fp32
trial.py       a measured plan: its time per task and its agreement with fp32
benchmark.py   measures plans
optimize.py    entry point of `plait optimize`
"""
